/** What may be looked at from outside, and how to look at much of it in steps. */
package io.tallymq.broker.view;
