// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.spi;

import dev.heddle.error.ConfigurationException;
import dev.heddle.error.ConfigurationException.Problem;
import dev.heddle.error.ErrorText;
import java.util.List;
import java.util.Optional;

/** The propagations that need a library, each in a class that nothing else touches. */
enum Libraries {
  MDC("mdc", "org.slf4j:slf4j-api") {
    @Override
    ContextPropagation link() {
      return new MdcPropagation();
    }
  },
  MICROMETER("micrometer", "io.micrometer:context-propagation") {
    @Override
    ContextPropagation link() {
      return new MicrometerPropagation();
    }
  },
  OPEN_TELEMETRY("openTelemetry", "io.opentelemetry:opentelemetry-context") {
    @Override
    ContextPropagation link() {
      return new OpenTelemetryPropagation();
    }
  };

  private final String factory;
  private final String artifact;

  Libraries(String factory, String artifact) {
    this.factory = factory;
    this.artifact = artifact;
  }

  /** Makes it, and so touches the library. */
  abstract ContextPropagation link();

  /** Makes it; if the library cannot be used, throws and says which one and why. */
  ContextPropagation make() {
    try {
      return link();
    } catch (NoClassDefFoundError | IllegalAccessError e) {
      throw new ConfigurationException(
          List.of(
              new Problem(
                  "contextPropagation",
                  factory + ", error=" + ErrorText.quote(e),
                  "context propagation needs a library that the engine can use",
                  "add "
                      + artifact
                      + " to the path of the engine: the class path, or the module path and"
                      + " --add-modules")),
          e);
    }
  }

  /** Makes it if its library can be used. */
  Optional<ContextPropagation> find() {
    try {
      return Optional.of(link());
    } catch (NoClassDefFoundError | IllegalAccessError e) { // not there, or not for this module
      return Optional.empty();
    }
  }
}
