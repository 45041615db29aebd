// Debian: golang-github-rabbitmq-amqp091-go-dev, or go get github.com/rabbitmq/amqp091-go
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	url := os.Getenv("AMQP_URL")
	if url == "" {
		url = "amqp://guest:guest@127.0.0.1:5672/%2F"
	}
	connection, err := amqp.Dial(url)
	check(err)
	defer connection.Close()
	channel, err := connection.Channel()
	check(err)
	_, err = channel.QueueDeclare("hello-go", true, false, false, false, nil)
	check(err)
	check(channel.Confirm(false))
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	message := amqp.Publishing{DeliveryMode: amqp.Persistent, Body: []byte("one tally stick")}
	confirmation, err := channel.PublishWithDeferredConfirmWithContext(ctx, "", "hello-go", true, false, message)
	check(err)
	if !confirmation.Wait() {
		log.Fatal("the broker nacked it")
	}
	fmt.Println("confirmed")

	got, _, err := channel.Get("hello-go", false)
	check(err)
	check(got.Ack(false))
	fmt.Println("got", string(got.Body))
}
