/** What everything may use that asks for free space, or makes, deletes and flushes directories. Knows nothing else. */
package io.tallymq.disk;
