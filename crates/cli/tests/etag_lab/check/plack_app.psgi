# Plack: layers in the order that LAYERS gives (c compares, h is Head), a folder in COPY.
use Digest::SHA 'sha1_hex';
use Plack::App::File;
use Plack::Builder;

my $body = do { local (@ARGV, $/) = "$ENV{COPY}/config.json"; <> };
my $type = ['Content-Type' => 'application/json'];

builder {
  enable 'ConditionalGET' if $ENV{LAYERS} =~ /c/;
  enable 'Head';
  mount '/file' => Plack::App::File->new(file => "$ENV{COPY}/config.json")->to_app;
  mount '/tag' => sub { [200, [@$type, ETag => '"' . sha1_hex($body) . '"'], [$body]] };
  mount '/worker' => sub { [200, [@$type, ETag => "\"$$-" . length($body) . '"'], [$body]] };
};
