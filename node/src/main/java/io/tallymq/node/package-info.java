/** One node put together: configuration in, plain constructors, closed in reverse. */
package io.tallymq.node;
