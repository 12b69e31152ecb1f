using LoraPS.Engine.Lora;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training.LearningRates;
using LoraPS.Engine.Training.Optimizers;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>The arithmetic of a training step: what the U-Net predicts, how wrong it is, and what the network learns from that.</summary>
/// <remarks>As sd-scripts train_network.py@48d368fa in full precision: one norm over all gradients.</remarks>
public sealed class NetworkTrainer : IDisposable
{
    private const string ScalerKey = "loss_scaler";
    private readonly UNet2DConditionModel _unet;
    private readonly LoraNetwork _network;
    private readonly double _maxGradNorm;
    private readonly bool _normPerPart;
    private readonly double? _maxWeightNorm;
    private readonly ScalarType _modelType;
    private readonly DenoisingObjective _objective;
    private readonly LrPlan _plan;
    private readonly double _shownRate;

    /// <summary>Starts with an optimizer that remembers nothing.</summary>
    /// <param name="unet">The U-Net; not owned.</param>
    /// <param name="network">The network to train; not owned.</param>
    /// <param name="options">Learning rates, optimizer, loss and gradient norm.</param>
    /// <param name="steps">Optimizer steps of the run, over which the learning rates change; null takes them from the options.</param>
    public NetworkTrainer(UNet2DConditionModel unet, LoraNetwork network, TrainingOptions options, int? steps = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(options);
        (_unet, _network, _maxGradNorm, _maxWeightNorm) = (unet, network, options.MaxGradNorm, options.MaxWeightNorm);
        _objective = new(options.Loss, options.VPrediction, options.Noise.ZeroTerminalSnr);
        _plan = new(options.LrSchedule, steps ?? options.MaxTrainSteps, options.LearningRate);
        _shownRate = options.ShownLearningRate;
        _normPerPart = options.GradNormPerPart;
        Groups = ParameterGroups.Of(network, options);
        Freeze(network, Groups.SelectMany(group => group.Parameters).Select(parameter => parameter.Name).ToHashSet());
        _modelType = options.Precision.ModelType();
        Scaler = options.Precision.ScalesLoss() ? new LossScaler() : null;
        Optimizer = options.EffectiveOptimizer.Create(Groups.SelectMany(group => group.Parameters));
    }

    /// <summary>What is trained, by learning rate.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>The optimizer, whose memory a resumed run needs.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>What scales the loss of a training in float16; null in others.</summary>
    public LossScaler? Scaler { get; }

    /// <summary>All that changes in a run, by name: the network, and what optimizer and scaler remember.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Memory => _network.Adapters.SelectMany(adapter => adapter.Memory)
        .Concat(Optimizer.Memory)
        .Concat(Scaler is null ? [] : [KeyValuePair.Create(ScalerKey, Scaler.Memory)]);

    /// <summary>How large the network's changes are after the last update; null where they are not limited.</summary>
    public WeightNorms? WeightNorms { get; private set; }

    /// <summary>The modules whose gradients were not finite in the last update, in words; null where all were.</summary>
    internal string? NonFiniteGradients { get; private set; }

    /// <summary>Optimizer steps of the run done before the next <see cref="Update()"/>; the learning rates follow them.</summary>
    public int Step { get; set; }

    /// <summary>The learning rate that was in force in the last update: of the U-Net, or of the text encoder where only that is trained.</summary>
    public double LearningRate => Optimizer.RateInForce(_shownRate);

    /// <summary>Adds noise to the latents, lets the U-Net predict it, and measures the error.</summary>
    /// <param name="inputs">Latents, noise and timesteps.</param>
    /// <param name="states">The captions' states [B, n, c].</param>
    /// <returns>The loss, a float32 scalar to be given to <see cref="Backward"/>.</returns>
    public Tensor Loss(DenoisingInputs inputs, Tensor states)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        using var scope = NewDisposeScope();
        // Noise is added where the random numbers come from; the model may live elsewhere and in another number format.
        var noisy = _objective.NoisyLatents(inputs).to(_modelType, states.device);
        var prediction = _unet.call(noisy, inputs.Timesteps.to(states.device), states);
        return _objective.Loss(prediction, inputs).MoveToOuterDisposeScope();
    }

    /// <summary>Adds the gradients of a loss to those already there.</summary>
    /// <param name="loss">A result of <see cref="Loss"/>.</param>
    /// <param name="batches">Of how many batches the step is; each counts for one share.</param>
    public void Backward(Tensor loss, int batches = 1)
    {
        ArgumentNullException.ThrowIfNull(loss);
        using var scope = NewDisposeScope();
        var share = batches == 1 ? loss : loss.Times(1.0 / batches);
        (Scaler?.Apply(share) ?? share).backward();
    }

    /// <summary>A step of one batch: <see cref="Backward"/> and <see cref="Update()"/>.</summary>
    /// <param name="loss">A result of <see cref="Loss"/>.</param>
    /// <returns>L2 norm of all gradients together, before they were shortened.</returns>
    public double Update(Tensor loss)
    {
        Backward(loss);
        return Update();
    }

    /// <summary>Changes the network so that the loss would be lower, and forgets the gradients. Where they are not finite nothing is changed.</summary>
    /// <returns>L2 norm of all gradients together, before they were shortened.</returns>
    public double Update()
    {
        using var scope = NewDisposeScope();
        var parameters = _network.Parameters().Select(parameter => parameter.Value).ToList();
        Scaler?.Unscale(parameters);
        var norm = ClipGradients();
        Scaler?.Update(overflowed: !double.IsFinite(norm));
        Optimizer.RateFactor = _plan.Factor(Step);
        NonFiniteGradients = double.IsFinite(norm) ? null : NonFiniteSource.OfGradients(_network);
        if (double.IsFinite(norm))
            Optimizer.Update();
        Optimizer.ZeroGradients();
        if (_maxWeightNorm is { } limit)
            WeightNorms = MaxNorm.Apply(_network.Adapters, limit);
        return norm;
    }

    /// <summary>The first weight of the U-Net that is not finite, in words; null where all are.</summary>
    internal string? FirstNonFiniteWeight() => NonFiniteSource.OfWeights("U-Net", _unet);

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        Scaler?.Dispose();
        _objective.Dispose();
    }

    private static void Freeze(LoraNetwork network, HashSet<string> learning)
    {
        foreach (var parameter in network.Parameters())
            parameter.Value.requires_grad = learning.Contains(parameter.Name);
    }

    /// <summary>Shortens the gradients: all by one factor, or those of each part of the model by its own.</summary>
    private double ClipGradients() => Math.Sqrt(_network.Adapters
        .GroupBy(adapter => _normPerPart ? adapter.Target.Part : default)
        .Select(part => GradientNorm.Clip(part.SelectMany(adapter => adapter.Parameters).Select(parameter => parameter.Value), _maxGradNorm))
        .Sum(norm => norm * norm));
}
