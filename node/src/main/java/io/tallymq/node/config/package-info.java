/**
 * What a node can be told: {@link io.tallymq.node.config.ConfigKeys} documents every key once, {@link
 * io.tallymq.node.config.ConfigCommand} reads file, environment and command line into a {@link
 * io.tallymq.node.config.NodeConfig} or says what is wrong, everything at once.
 */
package io.tallymq.node.config;
