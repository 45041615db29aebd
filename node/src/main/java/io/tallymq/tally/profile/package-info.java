/** Named clusters, and which one a command is for. */
package io.tallymq.tally.profile;
