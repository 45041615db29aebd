/**
 * Where a replica keeps what it applied: {@link io.tallymq.store.RocksStore} on disk, {@link io.tallymq.store.MemoryStore}
 * for tests and for a broker without a disk. Durability is the log's business: a store may lose its last commits in a
 * crash, but never a part of one, and it always knows which commit it stands at.
 */
package io.tallymq.store;
