/** Messages are looked at where they are: nobody gets them, and nothing changes. */
package io.tallymq.broker.browse;
