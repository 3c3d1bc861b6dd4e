# Ruby's Sinatra and WEBrick: ruby_app.rb PORT FRAMEWORK, a folder in COPY.
require 'digest'

PORT, FRAMEWORK = ARGV
BODY = File.read("#{ENV['COPY']}/config.json")
ARGV.clear

if FRAMEWORK == 'webrick'
  require 'webrick'
  WEBrick::HTTPServer.new(
    Port: PORT.to_i, BindAddress: '127.0.0.1', DocumentRoot: ENV['COPY'], AccessLog: [],
    Logger: WEBrick::Log.new(File::NULL)
  ).start
else
  require 'sinatra/base'
  class App < Sinatra::Base
    set port: PORT.to_i, bind: '127.0.0.1', server: 'puma', quiet: true, logging: false
    set environment: :production

    get('/tag') { etag Digest::SHA1.hexdigest(BODY); BODY }
    get('/moved') { redirect '/tag' }
    get('/dated') do
      last_modified Time.at(1_700_000_000 + ENV['REPLICA'].to_i * 60)
      etag Digest::SHA1.hexdigest(BODY)
      BODY
    end
    run!
  end
end
