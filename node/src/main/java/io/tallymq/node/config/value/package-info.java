/** What the values of the configuration are: how each kind is written, which are allowed, and what they become. */
package io.tallymq.node.config.value;
