# Mojolicious: perl_app.pl PORT, a folder in COPY.
use Mojolicious::Lite -signatures;
use Digest::MD5 'md5_hex';
use Mojo::File 'path';

my $body = path("$ENV{COPY}/config.json")->slurp;
my $asked = 0;
push @{app->static->paths}, $ENV{COPY};
app->log->level('fatal');
# Compressed by default, with the tag left as it is.
app->renderer->compress($ENV{CODED} // 0)->min_compress_size(100);

sub answer ($c) {
  return $c->rendered(304) if $c->is_fresh(etag => md5_hex($body));
  $c->render(text => $body, format => 'json');
}

get '/fresh' => \&answer;
get '/third' => sub ($c) {
  return $c->render(text => 'out of order', status => 503) if ++$asked % 3 == 0;
  answer($c);
};

app->start('daemon', '-l', "http://127.0.0.1:$ARGV[0]");
