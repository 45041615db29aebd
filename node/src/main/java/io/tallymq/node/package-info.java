package io.tallymq.node;
