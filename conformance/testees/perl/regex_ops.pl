# Ops of the area regex: qr//, m//, s///, split and the variables that they set.
package regex_ops;

use strict;
use warnings;

use AssaySdk qw(raised);

my %compiled;

# A pattern that Perl compiles. Its messages mark the place by <-- HERE.
sub compiled {
    my ($params) = @_;
    my ($pattern, $flags) = @$params{qw(pattern flags)};
    return $compiled{"$flags/$pattern"} //= do {
        $flags =~ /\A[aimsx]*\z/ or die raised('PatternError', "unknown flags $flags");
        no warnings 'regexp';
        eval "qr/\$pattern/$flags" // do {
            my $message = $@ =~ s/ at \(?eval.*//sr;
            my ($before) = $message =~ m{ in m/(.*) <-- HERE }s;
            die raised('PatternError', $message,
                defined $before ? (position => length $before) : ());
        };
    };
}

# What the last match was, by @- and @+.
sub described {
    my ($text, $spans) = @_;
    my @groups = map { defined $-[$_] ? [$-[$_], $+[$_]] : undef } 1 .. $#+;
    my $match = {
        span   => [$-[0], $+[0]],
        groups => [map { $_ && substr $text, $_->[0], $_->[1] - $_->[0] } @groups],
    };
    $match->{spans} = \@groups if $spans;
    return $match;
}

sub group_count {
    my ($pattern) = @_;
    no warnings 'regexp';
    '' =~ /|$pattern/;    # its first branch matches, and $#+ counts all groups
    return $#+;
}

# The template spells in backslashes what Perl interpolates: \1 is ${1}, \g<name> is $+{name}. The
# rest is the text of a double-quoted string, as on the right side of s///.
sub replacement {
    my ($template) = @_;
    my $text = $template =~ s/([\$\@\x01])/\\$1/gr;
    $text =~ s{(\\\\)|\\g<(?:([0-9]+)|(\w+))>|\\([1-9][0-9]?)(?![0-9])}{
        $1 // (defined $3 ? "\$+{'$3'}" : defined $2 && $2 == 0 ? '$&' : '${' . ($2 // $4) . '}')
    }ge;
    return eval "use utf8; no strict; no warnings; sub { qq\x01$text\x01 }"
        // die raised('TemplateError', $@);
}

my %FUNCTIONS = (
    increment => sub { return $& + 1 },
    brackets  => sub { return "[$&]" },
    span      => sub { return "$-[0]-$+[0]" },
    group1    => sub { return $1 // '' },
    template  => sub { return '\\1' },
);

sub substituted {
    my ($params, $replace) = @_;
    my ($text, $most) = @$params{qw(text count)};
    my $pattern = compiled($params);
    my $count = 0;
    if ($most <= 0) {
        $text =~ s/$pattern/++$count; $replace->()/ge;
        return { text => $text, count => $count };
    }
    my ($made, $copied) = ('', 0);
    while ($count < $most && $text =~ /$pattern/g) {
        ++$count;
        $made .= substr($text, $copied, $-[0] - $copied) . $replace->();
        $copied = $+[0];
    }
    return { text => $made . substr($text, $copied), count => $count };
}

sub add_to {
    my ($adapter) = @_;
    $adapter->op('regex.compile' => sub {
        my $pattern = compiled($_[0]);
        return { groups => group_count($pattern), groupindex => {} };
    });
    for my $name (qw(search match fullmatch)) {
        $adapter->op("regex.$name" => sub {
            my ($text, $spans) = @{ $_[0] }{qw(text spans)};
            my $pattern = compiled($_[0]);
            # In one statement: what a match sets lasts until the end of the block around it.
            my $found = $name eq 'search' ? $text =~ $pattern
                : $name eq 'match' ? $text =~ /\A$pattern/ : $text =~ /\A$pattern\z/;
            $found or return;
            return described($text, $spans);
        });
    }
    $adapter->op('regex.findall' => sub {
        my $text = $_[0]{text};
        my $pattern = compiled($_[0]);
        my $groups = group_count($pattern);
        my @found = map { $_ // '' } $text =~ /$pattern/g;
        return \@found if $groups < 2;
        return [map { [splice @found, 0, $groups] } 1 .. @found / $groups];
    });
    $adapter->op('regex.finditer' => sub {
        my ($text, $spans) = @{ $_[0] }{qw(text spans)};
        my $pattern = compiled($_[0]);
        my @found;
        push @found, described($text, $spans) while $text =~ /$pattern/g;
        return \@found;
    });
    $adapter->op('regex.sub' => sub {
        return substituted($_[0], replacement($_[0]{template}));
    });
    $adapter->op('regex.sub_function' => sub {
        my $function = $FUNCTIONS{ $_[0]{function} }
            // die raised('ValueError', "no function is called $_[0]{function}");
        return substituted($_[0], $function);
    });
    $adapter->op('regex.split' => sub {
        my ($text, $most) = @{ $_[0] }{qw(text maxsplit)};
        my $pattern = compiled($_[0]);
        return [split $pattern, $text, $most > 0 ? $most + 1 : -1];
    });
    return;
}

1;
