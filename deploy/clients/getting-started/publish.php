<?php
// Debian: php-amqplib, or composer require php-amqplib/php-amqplib
foreach ([__DIR__ . "/vendor/autoload.php", "/usr/share/php/PhpAmqpLib/autoload.php"] as $file) {
    if (file_exists($file)) {
        require_once $file;
    }
}

use PhpAmqpLib\Connection\AMQPStreamConnection;
use PhpAmqpLib\Message\AMQPMessage;

$url = parse_url(getenv("AMQP_URL") ?: "amqp://guest:guest@127.0.0.1:5672/%2F");
$vhost = urldecode(substr($url["path"], 1));
$connection = new AMQPStreamConnection($url["host"], $url["port"], $url["user"], $url["pass"], $vhost);
$channel = $connection->channel();
$channel->queue_declare("hello-php", false, true, false, false);
$channel->confirm_select();
$channel->set_nack_handler(function () { throw new Exception("the broker nacked it"); });
$channel->basic_publish(new AMQPMessage("one tally stick", ["delivery_mode" => 2]), "", "hello-php", true);
$channel->wait_for_pending_acks_returns(30);
echo "confirmed\n";

$message = $channel->basic_get("hello-php");
$message->ack();
echo "got ", $message->body, "\n";
$connection->close();
