# The adapter that sdk_test.py drives; wrong wherever an SDK must help.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use AssaySdk qw(raised bytes);

my $adapter = AssaySdk->new('test adapter', '1.2', supports => ['queue', '-queue.close']);
my %queues;

$adapter->op('queue.open' => sub { $queues{ $_[0]{queue} } = []; return });

$adapter->op('queue.put' => sub {
    my ($params) = @_;
    my $queue = $queues{ $params->{queue} } // die raised('NoSuchObject', $params->{queue});
    my $item = $params->{item};
    my $defaults = defined $item && !ref $item && $item eq 'defaults';
    push @$queue, $defaults ? [@$params{qw(block timeout)}] : $item;
    return;
});

$adapter->op('queue.get_nowait' => sub {
    my $queue = $queues{ $_[0]{queue} };
    @$queue or die raised('Empty', 'nothing here');
    return shift @$queue;
});

$adapter->op('queue.qsize' => sub {
    my $name = $_[0]{queue};
    return $name eq 'wrong type' ? 'three' : scalar @{ $queues{$name} };
});

$adapter->op('queue.empty' => sub { die "an accident\n" });
$adapter->op('queue.full' => sub { die raised('Overfull', 'no such type') });
$adapter->op('regex.compile' => sub { die raised('PatternError', 'what is this', position => 3) });

$adapter->op('http.parse_request' => sub {
    my $bytes = $_[0]{bytes};
    die raised('MessageError', 'refused', status => 431) if $bytes eq 'bad';
    return {
        method => 'GET', target => '/', version => 'HTTP/1.1', headers => [],
        body => bytes(scalar reverse $bytes), consumed => length $bytes,
    };
});

exit $adapter->run;
