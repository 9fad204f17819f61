# Ops of the areas udp and tcp: the methods of IO::Socket and IO::Poll.
package net_ops;

use strict;
use warnings;

use AssaySdk qw(raised errno bytes is_bytes bytes_of);
use Compress::Raw::Zlib ();
use Encode ();
use IO::Poll qw(POLLIN POLLOUT);
use IO::Socket;
use Socket qw(:all);
use Time::HiRes ();

use constant PERIOD => 65521;

my $STREAM = join('', map { chr((31 * $_ + ($_ >> 8)) & 0xFF) } 0 .. PERIOD - 1) x 2;
my %FAMILIES = (inet => AF_INET, inet6 => AF_INET6);
my %HOW      = (read => SHUT_RD, write => SHUT_WR, both => SHUT_RDWR);
my %EVENTS   = (read => POLLIN, write => POLLOUT);
my %OPTIONS  = (
    reuse_address  => [SOL_SOCKET,  SO_REUSEADDR],
    accepting      => [SOL_SOCKET,  SO_ACCEPTCONN],
    send_buffer    => [SOL_SOCKET,  SO_SNDBUF],
    receive_buffer => [SOL_SOCKET,  SO_RCVBUF],
    no_delay       => [IPPROTO_TCP, TCP_NODELAY],
);

my %sockets;    # by name

sub socket_of {
    my ($params) = @_;
    return $sockets{ $params->{socket} } // die raised('NoSuchObject', $params->{socket});
}

sub open_socket {
    my ($params, $type) = @_;
    my $family = $FAMILIES{ $params->{family} }
        // die raised('ValueError', "there is no family $params->{family}");
    my $made = IO::Socket->new;
    $made->socket($family, $type, 0) or die errno('socket');
    $sockets{ $params->{socket} } = $made;
    return;
}

sub address {
    my ($socket, $params) = @_;
    my ($host, $port) = @$params{qw(host port)};
    if (($socket->sockdomain // AF_INET) == AF_INET6) {
        my $packed = inet_pton(AF_INET6, $host) // die raised('ResolutionError', $host);
        return pack_sockaddr_in6($port, $packed);
    }
    my $packed = inet_aton($host) // die raised('ResolutionError', $host);
    return pack_sockaddr_in($port, $packed);
}

sub host_and_port {
    my ($packed) = @_;
    return [] if !length $packed;
    my $family = sockaddr_family($packed);
    my ($port, $host) =
        $family == AF_INET6 ? unpack_sockaddr_in6($packed) : unpack_sockaddr_in($packed);
    return [inet_ntop($family, $host), $port];
}

sub payload { return is_bytes($_[0]) ? bytes_of($_[0]) : $_[0] }

# Waits until a call would not block. IO::Socket's own timeout is for connect and accept.
sub await {
    my ($socket, $direction, $timeout) = @_;
    return if !defined $timeout;
    vec(my $wanted = '', $socket->fileno // die(raised('EBADF', 'it is closed')), 1) = 1;
    my ($reads, $writes) = $direction eq 'read' ? ($wanted, undef) : (undef, $wanted);
    my $ready = select $reads, $writes, undef, $timeout > 0 ? $timeout : 0;
    die errno('select') if $ready < 0;
    die raised('TimedOut', 'nothing came in time') if !$ready;
    return;
}

sub received {
    my ($params, $limit) = @_;
    my $socket = socket_of($params);
    await($socket, 'read', $params->{timeout});
    my $from = $socket->recv(my $data, $limit) // die errno('recv');
    return ($data, $from);
}

sub sent {
    my ($params) = @_;
    my ($socket, $timeout) = (socket_of($params), $params->{timeout});
    await($socket, 'write', $timeout);
    return $socket->send(payload($params->{data}), defined $timeout ? MSG_DONTWAIT : 0)
        // die errno('send');
}

sub sent_all {
    my ($params) = @_;
    my $data = payload($params->{data});
    my $until = defined $params->{timeout} ? Time::HiRes::time() + $params->{timeout} : undef;
    while (length $data) {
        my $left = defined $until ? $until - Time::HiRes::time() : undef;
        substr $data, 0, sent({ %$params, data => $data, timeout => $left }), '';
    }
    return;
}

sub send_stream {
    my ($params) = @_;
    my $to = socket_of($params);
    my ($sent, $crc) = (0, 0);
    while ($sent < $params->{bytes}) {
        my $size = (sort { $a <=> $b } $params->{piece}, $params->{bytes} - $sent, PERIOD)[0];
        my $part = substr $STREAM, $sent % PERIOD, $size;
        my $count = $to->send($part) // die errno('send');
        $crc = Compress::Raw::Zlib::crc32(substr($part, 0, $count), $crc);
        $sent += $count;
    }
    return { bytes => $sent, crc32 => $crc };
}

sub receive_stream {
    my ($params) = @_;
    my $from = socket_of($params);
    my ($count, $crc) = (0, 0);
    while ($count < $params->{limit}) {
        my $left = $params->{limit} - $count;
        defined $from->recv(my $part, $params->{piece} < $left ? $params->{piece} : $left)
            or die errno('recv');
        last if $part eq '';
        $crc = Compress::Raw::Zlib::crc32($part, $crc);
        $count += length $part;
    }
    return { bytes => $count, crc32 => $crc };
}

sub poll {
    my ($params) = @_;
    my $socket = socket_of($params);
    $socket->fileno // die raised('EBADF', 'it is closed');
    my $mask = 0;
    $mask |= $EVENTS{$_} // die raised('ValueError', "there is no event $_")
        for @{ $params->{events} };
    my $poll = IO::Poll->new;
    $poll->mask($socket => $mask);
    $poll->poll($params->{timeout}) >= 0 or die errno('poll');
    my $ready = $poll->events($socket);
    return [grep { $ready & $EVENTS{$_} } qw(read write)];
}

sub set_option {
    my ($params) = @_;
    my ($socket, $name, $value) = (socket_of($params), @$params{qw(name value)});
    my ($level, $option) = $name eq 'congestion' ? (IPPROTO_TCP, TCP_CONGESTION)
        : @{ $OPTIONS{$name} // die raised('ValueError', "there is no option $name") };
    setsockopt $socket, $level, $option, $name eq 'congestion' ? $value : pack('i', $value)
        or die errno('setsockopt');
    return;
}

sub get_option {
    my ($params) = @_;
    my ($socket, $name) = (socket_of($params), $params->{name});
    my ($level, $option) = $name eq 'congestion' ? (IPPROTO_TCP, TCP_CONGESTION)
        : @{ $OPTIONS{$name} // die raised('ValueError', "there is no option $name") };
    my $value = getsockopt $socket, $level, $option or die errno('getsockopt');
    return $name eq 'congestion' ? $value =~ s/\0.*//sr : unpack 'i', $value;
}

sub accepted {
    my ($params) = @_;
    my $socket = socket_of($params);
    $socket->timeout($params->{timeout});
    my $made = $socket->accept or die errno('accept');
    $sockets{ $params->{as} } = $made;
    return host_and_port($made->peername);
}

sub connected {
    my ($params) = @_;
    my $socket = socket_of($params);
    $socket->timeout($params->{timeout});
    $socket->connect(address($socket, $params)) or die errno('connect');
    return;
}

sub reset_socket {
    my $socket = socket_of(@_);
    setsockopt $socket, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0) or die errno('setsockopt');
    $socket->close;
    return;
}

sub add_common {
    my ($adapter, $area, $type) = @_;
    $adapter->op("$area.open" => sub { return open_socket($_[0], $type) });
    $adapter->op("$area.bind" => sub {
        my $socket = socket_of($_[0]);
        $socket->bind(address($socket, $_[0])) or die errno('bind');
        return;
    });
    $adapter->op("$area.connect" => \&connected);
    $adapter->op("$area.close" => sub { socket_of($_[0])->close; return });
    $adapter->op("$area.local_name" => sub {
        return host_and_port(getsockname(socket_of($_[0])) // die errno('getsockname'));
    });
    return;
}

sub add_to {
    my ($adapter) = @_;
    add_common($adapter, 'udp', SOCK_DGRAM);
    $adapter->op('udp.send_to' => sub {
        my $socket = socket_of($_[0]);
        return $socket->send(payload($_[0]{data}), 0, address($socket, $_[0])) // die errno('send');
    });
    $adapter->op('udp.send' => \&sent);
    $adapter->op('udp.receive_from' => sub {
        my ($data, $from) = received($_[0], $_[0]{limit});
        return { data => bytes($data), address => host_and_port($from) };
    });
    $adapter->op('udp.receive_text' => sub {
        my ($data, $from) = received($_[0], 65535);
        my $text = eval { Encode::decode('UTF-8', $data, Encode::FB_CROAK) }
            // die raised('DecodeError', $@);
        return { text => $text, address => host_and_port($from) };
    });
    $adapter->op('udp.listen' => sub {
        socket_of($_[0])->listen or die errno('listen');
        return;
    });

    add_common($adapter, 'tcp', SOCK_STREAM);
    $adapter->op('tcp.listen' => sub {
        socket_of($_[0])->listen($_[0]{backlog}) or die errno('listen');
        return;
    });
    $adapter->op('tcp.accept' => \&accepted);
    $adapter->op('tcp.send' => \&sent);
    $adapter->op('tcp.send_all' => \&sent_all);
    $adapter->op('tcp.receive' => sub { return bytes((received($_[0], $_[0]{limit}))[0]) });
    $adapter->op('tcp.shutdown' => sub {
        my $how = $HOW{ $_[0]{how} } // die raised('ValueError', "no such way: $_[0]{how}");
        socket_of($_[0])->shutdown($how) or die errno('shutdown');
        return;
    });
    $adapter->op('tcp.reset' => \&reset_socket);
    $adapter->op('tcp.set_blocking' => sub {
        defined socket_of($_[0])->blocking($_[0]{blocking} ? 1 : 0) or die errno('blocking');
        return;
    });
    $adapter->op('tcp.set_option' => \&set_option);
    $adapter->op('tcp.get_option' => \&get_option);
    $adapter->op('tcp.peer_name' => sub {
        return host_and_port(getpeername(socket_of($_[0])) // die errno('getpeername'));
    });
    $adapter->op('tcp.fileno' => sub {
        return socket_of($_[0])->fileno // die raised('EBADF', 'it is closed');
    });
    $adapter->op('tcp.send_stream' => \&send_stream);
    $adapter->op('tcp.receive_stream' => \&receive_stream);
    $adapter->op('tcp.poll' => \&poll);
    return;
}

1;
