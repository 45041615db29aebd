/** What versions of this program agree on when they meet each other's bytes. Knows nothing else; everything may use it. */
package io.tallymq.format;
