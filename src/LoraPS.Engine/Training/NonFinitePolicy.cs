namespace LoraPS.Engine.Training;

/// <summary>What a run does when a loss or its gradients are not finite numbers.</summary>
public enum NonFinitePolicy
{
    /// <summary>It ends with <see cref="NonFiniteLossException"/>.</summary>
    Stop,

    /// <summary>The step changes nothing, is told as a warning, and the run goes on.</summary>
    Skip,
}
