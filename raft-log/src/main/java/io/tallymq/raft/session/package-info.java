/**
 * The sessions of one node, and the round trip of what they want: gathered into batches, sent and sent again, applied when the log brings it, and answered.
 * What a batch confirms is noted on the way in and read on the way out, once per message and by plain fields: hence both ways are in one room.
 */
package io.tallymq.raft.session;
