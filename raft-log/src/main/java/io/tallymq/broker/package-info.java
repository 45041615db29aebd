package io.tallymq.broker;
