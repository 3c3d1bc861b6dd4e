# Rack's own layers in the order that LAYERS gives, from the outside in. COPY is a folder.
require 'rack'
require 'rack/files'
require 'securerandom'

BODY = File.read("#{ENV['COPY']}/config.json")

LAYERS = {
  'c' => -> { use Rack::ConditionalGet },
  'e' => -> { use Rack::ETag },
  'd' => -> { use Rack::Deflater }
}.freeze

ENV['LAYERS'].each_char { |layer| instance_exec(&LAYERS.fetch(layer)) }

map('/file') { run Rack::Files.new(ENV['COPY']) }

run lambda { |request|
  type = { 'Content-Type' => 'application/json' }
  case request['PATH_INFO']
  when '/hash' then [200, type.merge('ETag' => %("#{BODY.hash.abs.to_s(16)}")), [BODY]]
  when '/token' then [200, type, ["{\"token\": \"#{SecureRandom.hex(16)}\", \"data\": #{BODY}}"]]
  else [200, type, [BODY]]
  end
}
