/** Where the time of a confirm goes: histograms of its phases, measured once for a batch or an entry, never for a message. */
package io.tallymq.raft.anatomy;
