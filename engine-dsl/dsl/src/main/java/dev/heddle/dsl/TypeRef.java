// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import static java.util.Objects.requireNonNull;

import java.lang.invoke.MethodType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A type with the arguments of its generic types, which a {@code Class} cannot say: {@code new
 * TypeRef<List<String>>() {}}. Super type tokens, after <a
 * href="https://gafter.blogspot.com/2006/12/super-type-tokens.html">Neal Gafter</a>.
 *
 * @param <T> the type
 */
public abstract class TypeRef<T extends @Nullable Object> {

  private final Type type;

  /**
   * Takes the type from the subclass.
   *
   * @throws DefinitionException if that does not name one: without an argument, or with one that
   *     holds a type variable
   */
  protected TypeRef() {
    Type parent = getClass().getGenericSuperclass();
    if (!(parent instanceof ParameterizedType named)
        || named.getRawType() != TypeRef.class
        || hasVariable(named.getActualTypeArguments()[0])) {
      throw new DefinitionException(
          "type must be named: class="
              + getClass().getName()
              + " (write new TypeRef<List<String>>() {}, with a type of your own)");
    }
    this.type = named.getActualTypeArguments()[0];
  }

  private TypeRef(Class<T> type) {
    this.type = type;
  }

  private static final class OfClass<T> extends TypeRef<T> {
    OfClass(Class<T> type) {
      super(type);
    }
  }

  /**
   * Returns the type of a class.
   *
   * @param type the class; a primitive one, such as Kotlin's {@code Int::class.java}, stands for
   *     that of its objects
   * @param <T> the type
   * @return the same
   */
  public static <T> TypeRef<T> of(Class<T> type) {
    requireNonNull(type, "type");
    @SuppressWarnings("unchecked") // T is that of the objects already
    Class<T> ofObjects = (Class<T>) MethodType.methodType(type).wrap().returnType();
    return new OfClass<>(ofObjects);
  }

  private static boolean hasVariable(Type type) {
    return switch (type) {
      case TypeVariable<?> variable -> true;
      case ParameterizedType named ->
          Arrays.stream(named.getActualTypeArguments()).anyMatch(TypeRef::hasVariable)
              || (named.getOwnerType() != null && hasVariable(named.getOwnerType()));
      case WildcardType wildcard ->
          Arrays.stream(wildcard.getUpperBounds()).anyMatch(TypeRef::hasVariable)
              || Arrays.stream(wildcard.getLowerBounds()).anyMatch(TypeRef::hasVariable);
      case java.lang.reflect.GenericArrayType array -> hasVariable(array.getGenericComponentType());
      default -> false;
    };
  }

  /**
   * Returns the type as reflection knows it.
   *
   * @return a class, a parameterized type, an array or a wildcard
   */
  public final Type type() {
    return type;
  }

  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof TypeRef<?> ref && type.equals(ref.type);
  }

  @Override
  public final int hashCode() {
    return type.hashCode();
  }

  /** Returns the name of the type, with its packages. */
  @Override
  public final String toString() {
    return type.getTypeName();
  }
}
