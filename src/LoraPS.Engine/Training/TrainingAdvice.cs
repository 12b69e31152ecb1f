using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>Settings that are allowed and seldom meant.</summary>
internal static class TrainingAdvice
{
    private const double LowAdaptiveRate = 0.1;

    /// <summary>What to warn of before a run begins.</summary>
    public static IEnumerable<WarningEvent> On(TrainingOptions options)
    {
        var optimizer = options.EffectiveOptimizer;
        if (optimizer.Kind.AdaptsRate && options.ShownLearningRate is > 0 and <= LowAdaptiveRate)
            yield return new(
                "LearningRateLow",
                FormattableString.Invariant($"{optimizer.Kind.Name} finds the learning rate by itself and multiplies it by the one given, {options.ShownLearningRate}: it will learn slowly. Give it a learning rate of 1."));
        if (!optimizer.FollowsSchedule && (options.UNetLearningRate > 0 || options.TextEncoderLearningRate > 0))
            yield return new(
                "LearningRateNotUsed",
                $"{optimizer.Kind.Name} with relative_step=True, its default, chooses its own learning rate; those given for the U-Net and the text encoder are not used. Give it relative_step=False to use them.");
        if (options.Noise.ZeroTerminalSnr && !options.VPrediction)
            yield return new(
                "ZeroTerminalSnrWithoutVPrediction",
                "With a schedule that ends without signal a model that predicts noise has nothing to learn from the last timestep. It is meant for models that predict velocities: say so with VPrediction if this one does.");
    }
}
