namespace LoraPS.Engine.Runtime;

/// <summary>What a long engine call tells while it works; the caller decides how to show it.</summary>
public abstract record EngineEvent;

/// <summary>How far a part of the work has come.</summary>
/// <param name="Activity">The part: "Caching latents", "Training".</param>
/// <param name="Status">One line: "step 12 of 200, loss 0.1234".</param>
/// <param name="Fraction">0 to 1.</param>
/// <param name="Remaining">Estimated time left, null while unknown.</param>
public sealed record ProgressEvent(string Activity, string Status, double Fraction, TimeSpan? Remaining = null) : EngineEvent
{
    /// <summary>How far the part is that is being worked on, such as an epoch of a training; null where it has no parts.</summary>
    public ProgressEvent? Part { get; init; }
}

/// <summary>Something surprising that does not stop the work; the caller shows it as a warning and may count it.</summary>
/// <param name="Id">Stable PascalCase id.</param>
/// <param name="Message">What was found, where, and what was done about it.</param>
/// <param name="Target">The thing it is about, such as a path.</param>
public sealed record WarningEvent(string Id, string Message, object? Target = null) : EngineEvent;

/// <summary>A decision worth explaining to somebody who asks for detail.</summary>
/// <param name="Message">One line.</param>
public sealed record DetailEvent(string Message) : EngineEvent;
