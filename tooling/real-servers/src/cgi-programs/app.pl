#!/usr/bin/perl
# A CGI program in plain Perl: what it does is named by PATH_INFO.
use strict;
use warnings;
binmode STDIN;
binmode STDOUT;
$| = 1;

my $path = $ENV{PATH_INFO};
if ($path eq '/upload') {
    my ($body, $left) = ('', $ENV{CONTENT_LENGTH});
    while ($left > 0 and my $n = read STDIN, my $piece, $left < 65536 ? $left : 65536) {
        $body .= $piece;
        $left -= $n;
    }
    my $sum = unpack '%32C*', $body;
    print "Content-Type: text/plain\r\n\r\n$ENV{REQUEST_METHOD} ", length $body, " $sum $ENV{CONTENT_TYPE}";
} elsif ($path eq '/redirect') {
    print "Status: 303 See Other\r\nLocation: $ENV{SCRIPT_NAME}/there\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2, c\r\n\r\n";
} elsif ($path eq '/large') {
    print "Content-Type: application/octet-stream\r\n\r\n";
    print 'x' x 65536 for 1 .. 160;
} elsif ($path eq '/cached') {
    if (($ENV{HTTP_IF_NONE_MATCH} // '') eq '"v1"') {
        print "Status: 304 Not Modified\r\nETag: \"v1\"\r\n\r\n";
    } else {
        print "Content-Type: text/plain\r\nContent-Length: 5\r\nETag: \"v1\"\r\n\r\nfresh";
    }
} elsif ($path eq '/events') {
    # The next event is made when the client has asked for it.
    print "Content-Type: text/event-stream\r\n\r\n";
    while (my $line = <STDIN>) {
        chomp $line;
        print "data: $line\n\n";
    }
} elsif ($path eq '/die') {
    die "with a reason\n";
} else {
    print "Status: 404 Not Found\r\nContent-Type: text/plain\r\n\r\nno such thing: $path?$ENV{QUERY_STRING}";
}
