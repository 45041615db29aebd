/** What somebody who knows brokers would tell this cluster's operator, with the figures that say so. */
package io.tallymq.admin.advice;
