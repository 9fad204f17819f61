package AssaySdk;

# What an adapter in Perl needs to be checked by assay: one file, core modules only.
#
# An adapter is a program that performs ops (queue.put, regex.search) when assay asks:
#
#     use AssaySdk qw(raised);    # perl -I{sdk}/perl
#
#     my $adapter = AssaySdk->new("my queue", "1.0", supports => ["queue.put", "queue.get"]);
#     my %queues;
#
#     $adapter->op("queue.open" => sub { $queues{ $_[0]{queue} } = []; return });
#     $adapter->op("queue.get_nowait" => sub {
#         my ($params) = @_;
#         my $queue = $queues{$params->{queue}} or die raised("NoSuchObject", $params->{queue});
#         @$queue or die raised("Empty", "nothing here");
#         return shift @$queue;
#     });
#     exit $adapter->run;
#
# Handlers get a hash of the op's params, complete with every default. Params of the type bytes
# arrive as byte strings; bytes("...") in a result is sent as {"base64": text}. Since Perl's scalars
# are numbers and strings at once, a result is converted to the type that the protocol gives it.
# A raised() that dies becomes that error, errno("recv") the one named like $!; anything else that
# dies is an InternalError. true and false are JSON's.
#
# Built in are the ops of actor, script, event, time, data and memory, process.self and
# process.start, which forks. There is no thread.start: Perl's threads share no variables.
#
# Perl 5.26 and later, Linux. The protocol itself: PROTOCOL.md.

use strict;
use warnings;

use B ();
use Errno ();
use Exporter 'import';
use IO::Socket::UNIX;
use JSON::PP ();
use MIME::Base64 ();
use POSIX ();
use Time::HiRes ();

our @EXPORT_OK = qw(raised errno bytes is_bytes bytes_of is_int true false);

my $BY_HAND = <<'TXT';
%s: an adapter of assay for %s.

It is started by assay, which tells it by ASSAY_SOCKET where to connect. Ask it something with
  assay call path/to/testee.toml OP '{"param": value}'
and run the whole spec with
  assay check path/to/testee.toml
where testee.toml names this program as its [adapter] command.
TXT

# The protocol's names for errors that have two on Linux, or another there.
my %SAME_ERRNO = (EWOULDBLOCK => 'EAGAIN', ENOTSUP => 'EOPNOTSUPP', ETIMEDOUT => 'TimedOut');

sub true  { JSON::PP::true }
sub false { JSON::PP::false }

# A condition that an op raises: one of the protocol's error types and what went wrong. position
# belongs to PatternError and TemplateError, status to MessageError, value to StopIteration.
sub raised {
    my ($type, $message, %more) = @_;
    return bless { type => $type, message => $message // '', %more }, 'AssaySdk::Raised';
}

# The condition named like $!, as a failed system call left it.
sub errno {
    my ($what) = @_;
    my ($name) = grep { exists &{"Errno::$_"} && Errno->can($_)->() == $! + 0 } sort keys %!;
    return raised($SAME_ERRNO{$name // ''} // $name // 'InternalError', "$what: $!");
}

sub bytes { return { base64 => MIME::Base64::encode_base64($_[0], '') } }

# Whether a JSON value stands for bytes, and those bytes.
sub is_bytes {
    my ($value) = @_;
    return ref $value eq 'HASH' && keys %$value == 1 && _is_string($value->{base64});
}

sub bytes_of {
    my ($text) = $_[0]{base64};
    if (length($text) % 4 || $text =~ m{[^A-Za-z0-9+/=]} || $text =~ /=(?!=?\z)/) {
        die raised('ValueError', 'not base64');
    }
    return MIME::Base64::decode_base64($text);
}

# ---- the little type language of protocol.json --------------------------------------------------

sub _flags { return ref $_[0] || !defined $_[0] ? 0 : B::svref_2object(\$_[0])->FLAGS }

sub _is_string { return _flags($_[0]) & B::SVf_POK }

# Whether a value that came is an integer, not a text of digits.
sub is_int {
    my $flags = _flags($_[0]);
    return $flags & B::SVf_IOK && !($flags & B::SVf_POK);
}

sub _is_number {
    my $flags = _flags($_[0]);
    return $flags & (B::SVf_IOK | B::SVf_NOK) && !($flags & B::SVf_POK);
}

# A type is a function of a value: (what is sent for it), or () when the value does not fit.
# Strict is what came as JSON; else Perl's own scalars are converted.
my %SCALARS = (
    int => sub {
        my ($value, $strict) = @_;
        return is_int($value) ? $value : () if $strict;
        return defined $value && !ref $value && $value =~ /\A-?[0-9]{1,19}\z/ ? 0 + $value : ();
    },
    number => sub {
        my ($value, $strict) = @_;
        return _is_number($value) ? $value : () if $strict;
        return unless defined $value && !ref $value;
        return $value =~ /\A-?[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?\z/ ? 0 + $value : ();
    },
    bool => sub {
        my ($value, $strict) = @_;
        return JSON::PP::is_bool($value) ? $value : () if $strict || ref $value;
        return $value ? true() : false();
    },
    string => sub {
        my ($value, $strict) = @_;
        return _is_string($value) ? $value : () if $strict;
        return defined $value && !ref $value ? "$value" : ();
    },
    any   => sub { return $_[0] },
    null  => sub { return defined $_[0] && $_[1] ? () : undef },
    bytes => sub { return is_bytes($_[0]) ? $_[0] : () },
);

sub _type {
    my ($types, $expression) = @_;
    $expression =~ s/\A\s+|\s+\z//g;
    return $types->{made}{$expression} //= do {
        # A named type may hold itself; until it is made, look it up at each call.
        $types->{made}{$expression} = sub { $types->{made}{$expression}->(@_) };
        _make_type($types, $expression);
    };
}

sub _make_type {
    my ($types, $expression) = @_;
    if ($expression =~ /\|/) {
        my @either = map { _type($types, $_) } split /\|/, $expression;
        return sub {
            my @arguments = @_;
            for my $fits (@either) {
                my @fitting = $fits->(@arguments);
                return @fitting if @fitting;
            }
            return;
        };
    }
    if ($expression =~ /\A(.*)\[\]\z/) {
        my $item = _type($types, $1);
        return sub {
            my ($value, $strict) = @_;
            return unless ref $value eq 'ARRAY';
            my @items = map { $item->($_, $strict) } @$value;
            return @items == @$value ? \@items : ();
        };
    }
    if ($expression =~ /\A(.*)\?\z/) {
        my $inner = _type($types, $1);
        return sub { return defined $_[0] ? $inner->(@_) : undef };
    }
    return $SCALARS{$expression} if $SCALARS{$expression};
    my $named = $types->{named}{$expression}
        // die "protocol.json uses the unknown type $expression\n";
    return _type($types, $named) unless ref $named;  # another name for a type
    my (%fields, %required);
    for my $field (keys %$named) {
        (my $name = $field) =~ s/\?\z// or $required{$field} = 1;
        $fields{$name} = _type($types, $named->{$field});
    }
    return sub {
        my ($value, $strict) = @_;
        return unless ref $value eq 'HASH';
        my %made;
        for my $field (keys %$value) {
            my @fitting = $fields{$field} ? $fields{$field}->($value->{$field}, $strict) : ();
            return unless @fitting;
            $made{$field} = $fitting[0];
        }
        return if grep { !exists $value->{$_} } keys %required;
        return \%made;
    };
}

# ---- ops: params in, result out -----------------------------------------------------------------

my $json = JSON::PP->new->utf8->allow_nonref->max_depth(128);

# JSON::PP reads character by character, too slowly for lines of many megabytes.
sub _decode {
    my ($bytes) = @_;
    my $value = _decode_value(\$bytes, 0);
    die "more than one value\n" if $bytes !~ /\G[ \t\r\n]*\z/gc;
    return $value;
}

my %WORDS = (true => JSON::PP::true, false => JSON::PP::false, null => undef);
my %SHORT = (b => "\b", f => "\f", n => "\n", r => "\r", t => "\t", map { ($_ => $_) } qw(" \\ /));

sub _decode_value {
    my ($text, $nesting) = @_;
    no warnings 'recursion';    # it is bounded
    die "nested too deeply\n" if $nesting > 128;
    $$text =~ /\G[ \t\r\n]*/gc;
    return _decode_string($text) if $$text =~ /\G"/gc;
    return 0 + $1 if $$text =~ /\G(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)/gc;
    return $WORDS{$1} if $$text =~ /\G(true|false|null)/gc;
    if ($$text =~ /\G\[[ \t\r\n]*/gc) {
        my @items;
        return \@items if $$text =~ /\G\]/gc;
        do { push @items, _decode_value($text, $nesting + 1) } while _goes_on($text, ']');
        return \@items;
    }
    $$text =~ /\G\{[ \t\r\n]*/gc or die 'no value at ' . (pos $$text // 0) . "\n";
    my %fields;
    return \%fields if $$text =~ /\G\}/gc;
    do {
        $$text =~ /\G[ \t\r\n]*"/gc or die 'no name at ' . pos($$text) . "\n";
        my $name = _decode_string($text);
        $$text =~ /\G[ \t\r\n]*:/gc or die 'no colon at ' . pos($$text) . "\n";
        $fields{$name} = _decode_value($text, $nesting + 1);
    } while _goes_on($text, '}');
    return \%fields;
}

sub _goes_on {
    my ($text, $close) = @_;
    $$text =~ /\G[ \t\r\n]*([],}])/gc && ($1 eq ',' || $1 eq $close)
        or die 'no comma at ' . pos($$text) . "\n";
    return $1 eq ',';
}

# What follows the opening quote.
sub _decode_string {
    my ($text) = @_;
    my $begin = my $end = pos $$text;
    while (1) {
        $end = index $$text, '"', $end;
        die "a string does not end\n" if $end < 0;
        my $backslashes = 0;
        ++$backslashes while substr($$text, $end - $backslashes - 1, 1) eq '\\';
        last if $backslashes % 2 == 0;
        ++$end;
    }
    my $made = substr $$text, $begin, $end - $begin;
    pos($$text) = $end + 1;
    die "a control character in a string\n" if $made =~ /[\x00-\x1F]/;
    $made =~ s/\\(u[dD][89abAB]..\\u....|u....|.|\z)/$SHORT{$1} \/\/ _escaped($1)/ge;
    utf8::decode($made) or die "not UTF-8\n";
    return $made;
}

# Bytes for an escape by number: one, or two surrogates.
sub _escaped {
    my ($escape) = @_;
    my ($high, $low) = $escape =~ /\Au([0-9a-fA-F]{4})(?:\\u([dD][c-fC-F][0-9a-fA-F]{2}))?\z/
        or die "no escape: $escape\n";
    my $point = hex $high;
    $point = 0x10000 + ($point - 0xD800) * 0x400 + hex($low) - 0xDC00 if defined $low;
    die "a lone surrogate\n" if $point >= 0xD800 && $point <= 0xDFFF;
    utf8::encode(my $bytes = chr $point);
    return $bytes;
}

sub _bad_params { return bless { message => $_[0] }, 'AssaySdk::BadParams' }

# The params of an op, checked and complete, as its handler gets them.
sub _arguments {
    my ($self, $name, $given) = @_;
    ref $given eq 'HASH' or die _bad_params("$name: params must be an object");
    my $params = $self->{ops}{$name}{params};
    my %filled;
    for my $param (keys %$params) {
        my ($type, $fits) = ($params->{$param}{type}, $params->{$param}{fits});
        if (exists $given->{$param}) {
            ($filled{$param}) = my @fitting = $fits->($given->{$param}, 1);
            @fitting or die _bad_params("$name: $param must be $type");
        } elsif (exists $params->{$param}{default}) {
            # A copy: what a handler does to it is no default of the next call.
            $filled{$param} = $json->decode($params->{$param}{default});
        } else {
            die _bad_params("$name: $param is missing");
        }
        if ($type =~ /\Abytes\??\z/ && defined $filled{$param}) {
            $filled{$param} = eval { bytes_of($filled{$param}) }
                // die _bad_params("$name: $param is not base64");
        }
    }
    for my $param (sort keys %$given) {
        exists $params->{$param} or die _bad_params("$name: has no param $param");
    }
    return \%filled;
}

sub _perform {
    my ($self, $name, $arguments) = @_;
    my $result = $self->{handlers}{$name}->($arguments);
    my @fitting = $self->{ops}{$name}{result_fits}->($result);
    return $fitting[0] if @fitting;
    my $text = defined $result ? $json->allow_unknown->allow_blessed->encode($result) : 'undef';
    die raised('InternalError', sprintf '%s returned %.200s, which is not %s',
        $name, $text, $self->{ops}{$name}{result});
}

sub _load_protocol {
    my ($self) = @_;
    my $path = $ENV{ASSAY_PROTOCOL} // (__FILE__ =~ s{[^/]*\z}{}r) . '../../protocol.json';
    open my $file, '<:raw', $path or die "$path: $!\n";
    my $protocol = $json->decode(do { local $/ = undef; <$file> });
    my $types = { named => $protocol->{types}, made => {} };
    for my $op (values %{ $protocol->{ops} }) {
        $op->{result_fits} = _type($types, $op->{result});
        for my $param (values %{ $op->{params} }) {
            $param->{fits} = _type($types, $param->{type});
            $param->{default} = $json->encode($param->{default}) if exists $param->{default};
        }
    }
    @$self{qw(version ops error_types line_bytes)} =
        (@$protocol{qw(protocol ops error_types)}, $protocol->{limits}{line_bytes});
    my @unknown = sort grep { !$self->{ops}{$_} } keys %{ $self->{handlers} };
    die "$0 has handlers for ops that the protocol lacks: @unknown\n" if @unknown;
    return;
}

# ---- the adapter --------------------------------------------------------------------------------

# supports: areas (queue), groups or slugs; a leading - takes one back out.
sub new {
    my ($class, $implementation, $version, %options) = @_;
    my $self = bless {
        implementation => {
            name => $implementation, version => "$version",
            language => $options{language} // 'Perl',
        },
        supports => $options{supports} // [],
        started  => { main => 1 },
        variables => {}, memory => {},
        children => {},    # pid => read end of a pipe that ends when the child does
    }, $class;
    $self->{handlers} = $self->_builtin;
    return $self;
}

# The function performs the op of this name; the one that it replaces is returned.
sub op {
    my ($self, $name, $function) = @_;
    my $previous = $self->{handlers}{$name};
    $self->{handlers}{$name} = $function;
    return $previous;
}

# Connects, says hello, serves requests; the exit code of the program.
sub run {
    my ($self) = @_;
    if (!defined $ENV{ASSAY_SOCKET}) {
        printf STDERR $BY_HAND, $0 =~ s{.*/}{}r, $self->{implementation}{name};
        return 2;
    }
    if (!eval { $self->_load_protocol; 1 }) {
        print STDERR $@;
        return 1;
    }
    return $self->_end_of('main');
}

# Takes the name for a new actor; ValueError when it was taken before.
sub take_name {
    my ($self, $actor) = @_;
    if ($actor eq '' || $self->{started}{$actor}++) {
        die raised('ValueError', "an actor named '$actor' was started before");
    }
    return;
}

# Forks a process that serves as this actor, and returns its pid. Who calls it waits for it. The
# lifeline, a file that is to be closed at the process's end, is open there alone.
sub spawn {
    my ($self, $actor, $lifeline) = @_;
    my $pid = fork // die errno('fork');
    return $pid if $pid;
    close $self->{connection};
    @$self{qw(lifeline children)} = ($lifeline, {});    # the parent's close as they go
    exit $self->_end_of($actor);
}

# Serves as this actor and returns the exit code that its process ends with.
sub _end_of {
    my ($self, $actor) = @_;
    $self->{actor} = $actor;
    my $code = eval { $self->_serve };
    return $code if defined $code;
    print STDERR ref $@ ? "$@->{type}: $@->{message}\n" : $@;
    return ref $@ ? 255 : 1;    # die's own exit code is 255
}

sub actor_name { return $_[0]{actor} }

# The global variables that the ops data.* are about.
sub variables { return $_[0]{variables} }

# ---- the loop -----------------------------------------------------------------------------------

sub _serve {
    my ($self) = @_;
    delete @$self{qw(exit_code uncaught)};
    $self->{connection} = IO::Socket::UNIX->new(Peer => $ENV{ASSAY_SOCKET})
        or die "cannot connect to $ENV{ASSAY_SOCKET}: $!\n";
    local $SIG{PIPE} = 'IGNORE';
    my $hello = { protocol => $self->{version}, actor => $self->{actor}, pid => $$, tid => $$ };
    @$hello{qw(implementation supports)} = @$self{qw(implementation supports)}
        if $self->{actor} eq 'main';
    $self->_send({ jsonrpc => '2.0', method => 'hello', params => $hello });
    my $buffer = '';
    while (1) {
        $self->_reap_until_readable if %{ $self->{children} };
        my $before = length $buffer;
        my $got = sysread $self->{connection}, $buffer, 1 << 18, $before;
        next if !defined $got && $!{EINTR};
        last if !$got;
        next if index($buffer, "\n", $before) < 0 && length $buffer <= $self->{line_bytes};
        (my $lines, $buffer) = $buffer =~ /\A(.*\n)?([^\n]*)\z/s;
        die "a request is longer than $self->{line_bytes} bytes\n"
            if length $buffer > $self->{line_bytes};
        for my $line (grep { $_ ne '' } split /\n/, $lines // '') {
            $self->_send($self->_answer($line)) or last;
            next unless defined $self->{exit_code} || $self->{uncaught};
            close $self->{connection};
            die $self->{uncaught} if $self->{uncaught};
            return $self->{exit_code};
        }
    }
    close $self->{connection};
    return 0;
}

# Waits for a request and reaps children that end in the meantime.
sub _reap_until_readable {
    my ($self) = @_;
    my $children = $self->{children};
    while (%$children) {
        my $wanted = '';
        vec($wanted, fileno $_, 1) = 1 for $self->{connection}, values %$children;
        next if select(my $ready = $wanted, undef, undef, undef) < 0;
        for my $pid (keys %$children) {
            next unless vec $ready, fileno $children->{$pid}, 1;
            waitpid $pid, 0;
            delete $children->{$pid};
        }
        return if vec $ready, fileno $self->{connection}, 1;
    }
    return;
}

sub _send {
    my ($self, $message) = @_;
    my $line = eval { $json->encode($message) };
    if (!defined $line || length $line > $self->{line_bytes}) {
        my $wrong = defined $line ? "the reply is longer than $self->{line_bytes} bytes" : $@;
        $line = $json->encode($self->_failure($message->{id}, raised('InternalError', $wrong)));
    }
    $line .= "\n";
    for (my $sent = 0; $sent < length $line;) {
        my $wrote = syswrite $self->{connection}, $line, length($line) - $sent, $sent;
        $sent += $wrote // ($!{EINTR} ? 0 : return 0);
    }
    return 1;
}

sub _error {
    my ($id, $code, $message, $data) = @_;
    my $error = { code => $code, message => $message, defined $data ? (data => $data) : () };
    return { jsonrpc => '2.0', id => $id, error => $error };
}

sub _failure {
    my ($self, $id, $raised) = @_;
    my $data = $self->error_data($raised);
    return _error($id, -32000, $data->{message}, $data);
}

sub _answer {
    my ($self, $line) = @_;
    my $request = eval { _decode($line) };
    return _error(undef, -32700, "not JSON: $@") if $@;
    my ($id, $name) = ref $request eq 'HASH' ? @$request{qw(id method)} : ();
    return _error($id, -32600, 'a request is an object with id and method')
        unless defined $id && _is_string($name);
    return _error($id, -32601, "this adapter has no op $name") unless $self->{handlers}{$name};
    my $result;
    if (!eval {
        $result = $self->_perform($name, $self->_arguments($name, $request->{params} // {}));
        1;
    }) {
        return _error($id, -32602, $@->{message}) if ref $@ eq 'AssaySdk::BadParams';
        return $self->_failure($id, $@);
    }
    return { jsonrpc => '2.0', id => $id, result => $result };
}

# What died, as the data of an error reply.
sub error_data {
    my ($self, $raised) = @_;
    if (ref $raised eq 'AssaySdk::BadParams') {
        $raised = raised('ValueError', $raised->{message});
    } elsif (ref $raised ne 'AssaySdk::Raised') {
        print STDERR $raised;
        $raised = raised('InternalError', "$raised");
    } elsif (!$self->{error_types}{ $raised->{type} }) {
        $raised = raised('InternalError', "$raised->{type} is no error type of the protocol");
    }
    return {%$raised};
}

# ---- functions made of steps --------------------------------------------------------------------

my %CONTROL = map { ("script.$_" => 1) } qw(argument return raise repeat try);

# Performs steps within a frame {arguments => [...], last => ...}; true when script.return ended
# them. A frame's last is then the function's value.
sub run_steps {
    my ($self, $steps, $frame) = @_;
    for my $step (@$steps) {
        my $name = $step->{op};
        my $params = $self->_step_params($step, $frame);
        if (!$CONTROL{$name}) {
            $frame->{last} = $self->_perform($name, $params);
        } elsif ($name eq 'script.return') {
            $frame->{last} = $params->{value};
            return 1;
        } elsif ($name eq 'script.raise') {
            die raised(@$params{qw(type message)});
        } elsif ($name eq 'script.argument') {
            my $index = $params->{index};
            $index >= 0 && $index < @{ $frame->{arguments} }
                or die raised('ValueError', 'no such argument');
            $frame->{last} = $frame->{arguments}[$index];
        } elsif ($name eq 'script.repeat') {
            for (my $round = 0; !defined $params->{times} || $round < $params->{times}; ++$round) {
                return 1 if $self->run_steps($params->{steps}, $frame);
            }
        } elsif ($self->_run_try($params, $frame)) {
            return 1;
        }
    }
    return 0;
}

sub _run_try {
    my ($self, $params, $frame) = @_;
    my $value = $frame->{last};
    my $returned;
    my $ended = eval {
        if (!eval { $returned = $self->run_steps($params->{steps}, $frame); 1 }) {
            my $raised = $@;
            my $data = $self->error_data($raised);
            die $raised if $data->{type} ne ($params->{catch} // '');
            $frame->{last} = $data->{message};
            $returned = $self->run_steps($params->{handler}, $frame);
        }
        $value = $frame->{last};
        1;
    };
    my $uncaught = $@;
    return 1 if $self->run_steps($params->{finally}, $frame);
    die $uncaught if !$ended;
    $frame->{last} = $value;
    return $returned;
}

sub _step_params {
    my ($self, $step, $frame) = @_;
    my $name = $step->{op};
    if (!$self->{handlers}{$name} || $name eq 'script.run' || $name =~ /\Aactor\./) {
        die raised('ValueError', "$name cannot stand in a function");
    }
    my %params = %{ $step->{params} // {} };
    $params{ $step->{use} } = $frame->{last} if defined $step->{use};
    return $self->_arguments($name, \%params);
}

sub now_ns { return int(Time::HiRes::clock_gettime(Time::HiRes::CLOCK_MONOTONIC()) * 1e9) }

sub _script_run {
    my ($self, $params) = @_;
    my $index = 0;
    my @plan;
    for my $step (@{ $params->{steps} }) {
        my $name = $step->{op};
        if (!$self->{handlers}{$name} || $name eq 'script.run' || $name =~ /\Aactor\./) {
            die raised('ValueError', "step $index: $name cannot be in a script");
        }
        die _bad_params("step $index: use stands in functions: script.call") if $step->{use};
        push @plan, [$index++, $name, $self->_arguments($name, $step->{params} // {})];
    }
    my @events;
    my $begin = now_ns();
    for (1 .. $params->{repeat}) {
        for (@plan) {
            my ($at, $name, $arguments) = @$_;
            if (!$params->{log}) {
                eval { $self->_perform($name, {%$arguments}) };
                next;
            }
            my ($start, $result) = now_ns();
            my $done = eval { $result = $self->_perform($name, {%$arguments}); 1 };
            my $end = now_ns();
            push @events, { step => $at, start_ns => $start, end_ns => $end,
                $done ? (result => $result) : (error => $self->error_data($@)) };
        }
    }
    return { elapsed_ns => now_ns() - $begin, events => \@events };
}

# ---- built-in ops -------------------------------------------------------------------------------

sub _log_event {
    my ($value) = @_;
    my $line = $json->encode({ value => $value, t_ns => now_ns(), pid => $$, tid => $$ }) . "\n";
    my $path = ($ENV{ASSAY_SCRATCH} // '.') . '/events';
    open my $file, '>>:raw', $path or die errno($path);
    syswrite $file, $line;
    return;
}

sub _sleep {
    my ($seconds) = @_;
    my $until = now_ns() + $seconds * 1e9;
    while ((my $left = $until - now_ns()) > 0) { Time::HiRes::sleep($left / 1e9) }
    return;
}

sub _compute {
    my ($rounds) = @_;
    my $value = 1;
    {
        use integer;    # wraps at 64 bits
        $value = $value * 6364136223846793005 + 1442695040888963407 for 1 .. $rounds;
    }
    return ($value >> 2) & (~0 >> 2);
}

sub _block {
    my ($self, $params, $size) = @_;
    my ($name, $offset) = @$params{qw(name offset)};
    my $block = \($self->{memory}{$name} // die raised('NoSuchObject', $name));
    if ($offset < 0 || $size < 0 || $offset + $size > length $$block) {
        die raised('ValueError', 'outside of the memory');
    }
    return $block;
}

sub _start_process {
    my ($self, $actor) = @_;
    $self->take_name($actor);
    pipe my $ends, my $lifeline or die errno('pipe');
    $self->{children}{ $self->spawn($actor, $lifeline) } = $ends;
    return;
}

sub _builtin {
    my ($self) = @_;
    my ($variables, $memory) = @$self{qw(variables memory)};
    my %handlers = (
        'actor.exit' => sub {
            my ($code) = $_[0]{code};
            $code >= 0 && $code <= 255 or die _bad_params('actor.exit: code must be 0 to 255');
            $self->{exit_code} = $code;
            return;
        },
        'actor.raise' => sub { $self->{uncaught} = raised(@{ $_[0] }{qw(type message)}); return },
        'process.start' => sub { return $self->_start_process($_[0]{actor}) },
        'process.self'  => sub { return { pid => $$, ppid => getppid, tid => $$ } },
        'script.run'    => sub { return $self->_script_run($_[0]) },
        'script.call'   => sub {
            my $frame = { arguments => $_[0]{arguments}, last => undef };
            $self->run_steps($_[0]{steps}, $frame);
            return $frame->{last};
        },
        'event.log'    => sub { return _log_event($_[0]{value}) },
        'time.sleep'   => sub { return _sleep($_[0]{seconds}) },
        'time.compute' => sub { return _compute($_[0]{rounds}) },
        'data.set' => sub { $variables->{ $_[0]{name} } = $_[0]{value}; return },
        'data.get' => sub {
            exists $variables->{ $_[0]{name} } or die raised('KeyError', $_[0]{name});
            return $variables->{ $_[0]{name} };
        },
        'data.append' => sub { push @{ $variables->{ $_[0]{name} } }, $_[0]{value}; return },
        'data.add'    => sub { return $variables->{ $_[0]{name} } += $_[0]{by} },
        'memory.allocate' => sub {
            $_[0]{bytes} > 0 or die raised('ValueError', 'bytes must be positive');
            $memory->{ $_[0]{name} } = "\1" x $_[0]{bytes};
            return;
        },
        'memory.write' => sub {
            my $block = $self->_block($_[0], $_[0]{bytes});
            substr $$block, $_[0]{offset}, $_[0]{bytes}, chr($_[0]{value}) x $_[0]{bytes};
            return;
        },
        'memory.read' => sub { return ord substr ${ $self->_block($_[0], 1) }, $_[0]{offset}, 1 },
    );
    for my $control (keys %CONTROL) {
        $handlers{$control} = sub { die raised('ValueError', 'it stands in a function only') };
    }
    return \%handlers;
}

1;
