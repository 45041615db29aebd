/** Users and what they may do. */
package io.tallymq.tally.access;
