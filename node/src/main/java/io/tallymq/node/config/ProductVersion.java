package io.tallymq.node.config;

/** Which version this is, as numbers with two points: clients take it apart. */
final class ProductVersion {
    /** The project's version, for classes that stand in no jar with a manifest. A test compares it with the build's. */
    static final String RELEASE = "0.1.0";

    private ProductVersion() {}

    /** The version of the jar that this class stands in. */
    static String current() {
        return numbers(ProductVersion.class.getPackage().getImplementationVersion());
    }

    /** The numbers of a manifest's version, without what the build adds to them. */
    static String numbers(String manifest) {
        return manifest == null || manifest.isBlank()
                ? RELEASE
                : manifest.strip().replaceFirst("[-+].*", "");
    }
}
