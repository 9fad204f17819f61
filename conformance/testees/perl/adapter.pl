# Perl as a testee: its regular expressions, its sockets and fork.
use strict;
use warnings;

use FindBin;
use AssaySdk;

my $adapter = AssaySdk->new('Perl', sprintf('%vd', $^V), supports => [
    'udp', 'tcp', 'regex', '-regex.sub/template-errors', '-regex.sub/function-returns-text',
    '-regex.errors/positions-in-templates', '-udp.send/refuses-text',
    '-udp.send/refuses-a-port-that-is-text', '-udp.bind/empty-host-is-any',
]);

for my $ops (qw(regex_ops net_ops)) {
    require "$FindBin::Bin/$ops.pl";
    $ops->can('add_to')->($adapter);
}
exit $adapter->run;
