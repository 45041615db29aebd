/** Tables for people, JSON for scripts. */
package io.tallymq.tally.output;
