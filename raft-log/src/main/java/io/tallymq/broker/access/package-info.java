/** Who may do what, and by which rules: replicated, asked by both front ends. Policies are what there is of it. */
package io.tallymq.broker.access;
