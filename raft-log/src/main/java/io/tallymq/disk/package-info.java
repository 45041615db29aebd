/** What everything may ask of the disk. Knows nothing else. */
package io.tallymq.disk;
