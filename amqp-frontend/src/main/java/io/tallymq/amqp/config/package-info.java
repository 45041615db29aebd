/**
 * What an operator may set of the AMQP front end: values with their defaults and bounds, and nothing that acts.
 */
package io.tallymq.amqp.config;
