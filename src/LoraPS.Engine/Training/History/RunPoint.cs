namespace LoraPS.Engine.Training.History;

/// <summary>A step of a run.</summary>
/// <param name="Step">Its number, counted from 1.</param>
/// <param name="Loss">Loss of its batch; not finite where the step was passed over.</param>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="GradientNorm">L2 norm of all gradients together, before clipping.</param>
/// <param name="Seconds">Time it took.</param>
public readonly record struct RunPoint(int Step, double Loss, double LearningRate, double GradientNorm, double Seconds);
