namespace LoraPS.Engine.Runtime;

/// <summary>
/// Base of every error the engine raises on purpose. Bad arguments are <see cref="ArgumentException"/>s and a cancelled
/// run is an <see cref="OperationCanceledException"/>; anything else that escapes is a defect.
/// </summary>
/// <param name="errorId">Stable PascalCase id, never built from data.</param>
/// <param name="message">What is wrong, where (file and key), what was expected, what was found, and what to do.</param>
/// <param name="target">The offending thing: a path, a key, a value.</param>
/// <param name="innerException">The cause, where another exception was.</param>
public abstract class EngineException(string errorId, string message, object? target = null, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Stable id of this kind of error, for scripts and for the error record.</summary>
    public string ErrorId { get; } = errorId;

    /// <summary>The offending thing: a path, a key, a value.</summary>
    public object? Target { get; } = target;
}
