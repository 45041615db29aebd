/** What every command is made of: its options, and how it runs. */
package io.tallymq.tally.base;
