package io.tallymq.admin;

import io.tallymq.broker.Broker;

/** What every answer may look at. */
record AdminContext(AdminConfig config, Broker broker, NodeStats stats) {}
