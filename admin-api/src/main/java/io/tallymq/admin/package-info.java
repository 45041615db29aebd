package io.tallymq.admin;
