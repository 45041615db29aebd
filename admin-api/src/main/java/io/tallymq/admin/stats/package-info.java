/** Figures: samples, rates, sums. */
package io.tallymq.admin.stats;
