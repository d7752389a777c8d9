#!/usr/bin/perl
# A parser in Perl, made from proto/README.md alone: ZeroMQ, some Protocol Buffers by hand, MessagePack.
#
# usage: thresh run --parser 'perl thresh-parser.pl' URL...        or with --join OUT, --state DIR
# Yours is parse_page(): a page's bytes and URL in; a list of records and a list of links out.
use strict;
use warnings;
use Compress::Zlib;
use Data::MessagePack;
use Getopt::Long;
use IO::Select;
use Time::HiRes qw(time);
use URI;
use ZMQ::FFI;
use ZMQ::FFI::Constants qw(ZMQ_DEALER ZMQ_DONTWAIT);

sub parse_page {
    my ($html, $url) = @_;
    my ($title) = $html =~ m{<title[^>]*>\s*(.*?)\s*</title>}is;
    my @links = map { URI->new_abs($_, $url)->as_string } $html =~ m{<a\s[^>]*?href="([^"#]+)}gis;
    utf8::decode($title) if defined $title;
    return ([{ title => $title, bytes => length $html }], [grep { m{^https?://} } @links]);
}

GetOptions(\my %o, 'state=s', 'join=s', 'item=s', 'recipe=s@', 'die-with=i') or exit 64;
my $state = $o{state} // (defined $o{join} ? "$o{join}/.thresh" : die "thresh-parser.pl: expected --state DIR or --join DIR\n");
my $msgpack = Data::MessagePack->new->utf8->canonical;

# Protocol Buffers: fields of numbers, of bytes, of 64 bits; and all fields of a message, by number.
sub varint { my ($n, $s) = (shift, ''); do { $s .= chr(($n & 127) | ($n > 127 ? 128 : 0)); $n >>= 7 } while $n; $s }
sub number { my ($field, $n) = @_; varint($field << 3) . varint($n) }
sub bytes { my ($field, $b) = @_; varint($field << 3 | 2) . varint(length $b) . $b }
sub fixed { my ($field, $b) = @_; varint($field << 3 | 1) . $b }
sub fields {
    my ($b, $at, %found) = (shift, 0);
    my $read = sub { my ($n, $shift, $c) = (0, 0); do { $c = ord substr $b, $at++, 1; $n |= ($c & 127) << $shift; $shift += 7 } while $c > 127; $n };
    while ($at < length $b) {
        my $key = $read->();
        my $type = $key & 7;
        my $n = $type == 0 ? $read->() : $type == 1 ? 8 : $type == 5 ? 4 : $read->();
        push @{ $found{$key >> 3} }, $type == 0 ? $n : substr $b, $at, $n;
        $at += $n if $type;
    }
    return \%found;
}
sub one { my ($message, $field, $default) = @_; $message->{$field} ? $message->{$field}[-1] : $default }

# Peers: their bytes as they stand in an envelope.
open my $random, '<:raw', '/dev/urandom' or die;
read $random, my $uuid, 16;
read $random, my $incarnation, 8;
my $self = bytes(1, $uuid) . fixed(2, $incarnation);
my $context = ZMQ::FFI->new;
my (%socket, %peer);
for my $end (qw(fetcher sink)) {
    my $s = $socket{$end} = $context->socket(ZMQ_DEALER);
    $s->set_linger(0);
    $s->set_identity("t$uuid$incarnation");
    $s->connect("ipc://$state/" . ($end eq 'sink' ? 'sink' : 'parsers') . '.ipc');
}
sub say_to {
    my ($end, $field, $message, @second) = @_;
    my $envelope = number(1, 1) . bytes(2, $self) . ($peer{$end} ? bytes(3, $peer{$end}) : '') . bytes($field, $message);
    $socket{$end}->send_multipart([$envelope, @second], ZMQ_DONTWAIT);
    return length($envelope) + length($second[0] // '');
}

# A session: credit is a running total, and void when the other end is another one.
my ($received, $parsed, $sent_bytes, $byte_credit, $blocked_told, $hello_at, @waiting, @told) = (0, 0, 0, 0, 0, 0);
sub blocked { $sent_bytes >= $byte_credit }
sub hello {
    $blocked_told = blocked();
    $hello_at = time;
    my $told = number(4, blocked() ? 1 : 0) . number(5, $received) . number(8, scalar @waiting);
    my $serves = number(1, $$) . join '', map { bytes(2, $_) } @{ $o{recipe} // ['*'] };
    say_to('fetcher', 10, $serves . number(3, $parsed + 2) . $told);
    say_to('sink', 10, $serves . $told);
}
sub credit { say_to('fetcher', 11, number(1, $parsed + 2) . join '', map { bytes(2, $_) } @told); @told = () }

# The page's body, unpacked; or undef, a reason and words.
sub unpacked {
    my ($task, $body) = @_;
    my $limit = one($task, 9, 64 << 20);
    for my $coding (reverse grep { length && $_ ne 'identity' } map { my $h = fields($_); one($h, 1, '') eq 'content-encoding' ? split /\s*,\s*/, lc one($h, 2, '') : () } @{ $task->{7} // [] }) {
        return (undef, 'bad_encoding', "the coding $coding is not known here") unless $coding =~ /^(?:x-)?gzip$|^deflate$/;
        my ($stream) = inflateInit(-WindowBits => WANT_GZIP_OR_ZLIB, -Bufsize => 65536);
        my ($out, $status) = ('', Z_OK);
        while (length $body && $status == Z_OK) {  # A little at a time: it may be a bomb.
            (my $part, $status) = $stream->inflate(my $some = substr $body, 0, 4096, '');
            $out .= $part;
            return (undef, 'too_large', "over $limit bytes unpacked") if length $out > $limit;
        }
        return (undef, 'bad_encoding', "its $coding is damaged or cut short") unless $status == Z_STREAM_END;
        $body = $out;
    }
    return $body;
}

sub parse {
    my ($task, $body, $source) = @{ +shift };
    my ($text, $reason, $words) = unpacked($task, $body);
    my ($records, $links) = defined $text ? eval { parse_page($text, one($task, 5, '')) } : ();
    ($reason, $words) = ('parse_exception', $@) if defined $text && !$records;
    my $result = bytes(1, $source) . number(2, one($task, 1)) . number(3, one($task, 2)) . bytes(4, one($task, 3, ''));
    if (defined $reason) {
        $result .= number(5, 2) . bytes(6, $reason) . bytes(7, substr $words, 0, 2000);
    } else {
        my $rows = bytes(1, $o{item} // 'page') . join '', map { number(2, $_) } 0 .. $#$records;
        $result .= number(5, 1) . (@$records ? bytes(8, $rows) : '') . join '', map { bytes(10, bytes(1, $_)) } @$links;
    }
    $sent_bytes += say_to('sink', 17, $result, defined $reason ? '' : join '', map { $msgpack->pack($_) } @$records);
    push @told, number(1, one($task, 1)) . number(2, one($task, 2));
    $parsed++;
}
sub ask_for_part {
    my ($task, $body) = @{ $waiting[0] // return };
    say_to('fetcher', 25, number(1, one($task, 1)) . number(2, one($task, 2)) . number(3, length $body)) if length $body < one($task, 10, 0);
}
sub hear {
    my ($end, $envelope, $second) = @_;
    my $e = fields($envelope);
    my $to = fields(one($e, 3, ''));
    return unless one($e, 1, 0) == 1 && one($to, 1, '') eq $uuid && one($to, 2, '') eq $incarnation;
    my $from = one($e, 2);
    if (($peer{$end} // '') ne $from) {
        $peer{$end} = $from;
        if ($end eq 'fetcher') { ($received, $parsed) = (0, 0); @waiting = @told = () } else { ($sent_bytes, $byte_credit) = (0, 0) }
        hello();
    }
    if ($e->{12}) {  # TASK
        $received++;
        push @waiting, [fields(one($e, 12)), $second, $from];
        ask_for_part() if @waiting == 1;
    } elsif ($e->{28}) {  # TAKEN: others have these pages, too
        my %taken = map { my $page = fields($_); one($page, 1, 0) . '/' . one($page, 2, 0) => 1 } @{ fields(one($e, 28))->{1} // [] };
        my ($next, @mine) = ($waiting[0], @waiting);
        @waiting = ();
        for my $page (@mine) {
            my ($id, $attempt) = (one($page->[0], 1), one($page->[0], 2));
            if ($taken{"$id/$attempt"}) { $parsed++; push @told, number(1, $id) . number(2, $attempt) . number(4, 1) } else { push @waiting, $page }
        }
        ask_for_part() if @waiting && $waiting[0] != $next;
    } elsif ($e->{26}) {  # BODY_PART
        my $part = fields(one($e, 26));
        my ($task, $body) = @{ $waiting[0] // return };
        return unless one($part, 1, 0) == one($task, 1) && one($part, 2, 0) == one($task, 2) && one($part, 3, 0) == length $body;
        if (one($part, 4, 0)) { shift @waiting; $parsed++; push @told, number(1, one($task, 1)) . number(2, one($task, 2)) }  # gone
        else {
            $waiting[0][1] .= $second;
        }
        ask_for_part();
    } elsif ($e->{18}) {  # BYTE_CREDIT
        $byte_credit = one(fields(one($e, 18)), 1, 0);
    }
}

my $stop = 0;
$SIG{TERM} = $SIG{INT} = sub { $stop = 1 };
my $select = IO::Select->new(map { my $s = $_; open my $h, '<&', $s->get_fd or die; $h } values %socket);
until ($stop || ($o{'die-with'} && getppid != $o{'die-with'})) {
    for my $end (keys %socket) { hear($end, $socket{$end}->recv_multipart) while $socket{$end}->has_pollin }
    my $may_begin = @waiting && !blocked() && length $waiting[0][1] >= one($waiting[0][0], 10, 0);
    credit() if @told;
    if ($may_begin && $blocked_told) { credit(); $blocked_told = 0 }  # Of no page: it goes on.
    if ($may_begin) { parse(shift @waiting); ask_for_part(); next }
    if (time - $hello_at >= 0.5) { hello() if !@waiting || blocked(); ask_for_part(); $hello_at = time }
    $select->can_read(0.1) unless grep { $_->has_pollin } values %socket;
}
$socket{$_}->set_linger(200) for keys %socket;
say_to('fetcher', 27, '') if $peer{fetcher};
