namespace LoraPS.Engine.Training;

/// <summary>A training run was cancelled; what it had learned is on disk and the run can be taken up again.</summary>
/// <param name="step">Steps done.</param>
/// <param name="loraPath">The LoRA as it was after these steps, or null where nothing was trained yet.</param>
/// <param name="statePath">The state to resume from (<see cref="TrainingOptions.ResumePath"/>), or null where nothing was trained yet.</param>
/// <param name="cancellationToken">The token that was cancelled.</param>
public sealed class TrainingStoppedException(int step, string? loraPath, string? statePath, CancellationToken cancellationToken)
    : OperationCanceledException($"Training stopped after step {step}; its state is in {statePath ?? "no file"}.", cancellationToken)
{
    /// <summary>Steps done.</summary>
    public int Step { get; } = step;

    /// <summary>The LoRA as it was after these steps, or null where nothing was trained yet.</summary>
    public string? LoraPath { get; } = loraPath;

    /// <summary>The state to resume from, or null where nothing was trained yet.</summary>
    public string? StatePath { get; } = statePath;
}
