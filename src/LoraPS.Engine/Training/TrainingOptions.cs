using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training.LearningRates;
using LoraPS.Engine.Training.Optimizers;

namespace LoraPS.Engine.Training;

/// <summary>How to train a LoRA.</summary>
/// <remarks>Names and defaults follow sd-scripts <c>train_network.py</c>@48d368fa, except the learning rate, whose default there
/// (2e-6) is meant for whole models.</remarks>
public sealed record TrainingOptions
{
    /// <summary>The file the finished LoRA is written to. Files saved on the way and the state lie beside it and are named after it.</summary>
    public required string DestinationPath { get; init; }

    /// <summary>The network's shape.</summary>
    /// <value>Default: rank 4, alpha 1, transformer blocks and text encoder.</value>
    public LoraOptions Network { get; init; } = new();

    /// <summary>LoRA files merged into the model before training, in their order.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<BaseWeights> BaseWeights { get; init; } = [];

    /// <summary>Largest Frobenius norm that the change of a layer may have; larger ones are shrunk after every step.</summary>
    /// <value>Null (the default): no limit; 1 is usual.</value>
    public double? MaxWeightNorm { get; init; }

    /// <summary>Number formats of the model, its activations and the trained factors.</summary>
    /// <value>Default <see cref="TrainingPrecision.Fp32"/>. The VAE is always held in float32: it is used once and then freed.</value>
    public TrainingPrecision Precision { get; init; }

    /// <summary>Whether activations are computed again on the way back in place of being kept: a fraction of the memory for
    /// about a third more time a step.</summary>
    /// <value>Default false.</value>
    public bool GradientCheckpointing { get; init; }

    /// <summary>What computes: auto, cpu, cuda, cuda:N or mps.</summary>
    /// <value>Default auto: a CUDA device where there is one, else Apple's, else the CPU.</value>
    public string Device { get; init; } = ComputeDevice.Auto;

    /// <summary>Learning rate of the parts that have none of their own.</summary>
    /// <value>Default 1e-4.</value>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>Learning rate of the U-Net's modules.</summary>
    /// <value>Null (the default) takes <see cref="LearningRate"/>.</value>
    public double? UNetLearningRate { get; init; }

    /// <summary>Learning rate of the text encoder's modules.</summary>
    /// <value>Null (the default) takes <see cref="LearningRate"/>.</value>
    public double? TextEncoderLearningRate { get; init; }

    /// <summary>How much faster the factors learn that lead to the output.</summary>
    /// <value>Default: no faster.</value>
    public LoraPlusOptions LoraPlus { get; init; } = new();

    /// <summary>Training steps; one batch each.</summary>
    /// <value>Default 1600.</value>
    public int MaxTrainSteps { get; init; } = 1600;

    /// <summary>Passes over the data; replaces <see cref="MaxTrainSteps"/> where given.</summary>
    /// <value>Default null.</value>
    public int? MaxTrainEpochs { get; init; }

    /// <summary>Seed of everything random in the run.</summary>
    /// <value>Null (the default) draws one, or takes the resumed state's; it is told in the result and in the file.</value>
    public long? Seed { get; init; }

    /// <summary>Name of the optimizer.</summary>
    /// <value>One of <see cref="OptimizerKinds.Names"/>, in any case; default AdamW.</value>
    public string Optimizer { get; init; } = AdamW.Kind.Name;

    /// <summary>Settings of the optimizer, each <c>name=value</c>.</summary>
    /// <value>Default: none; the optimizer's own defaults.</value>
    public IReadOnlyList<string> OptimizerArgs { get; init; } = [];

    /// <summary>How the learning rates change while the run goes on.</summary>
    /// <value>Default: they do not.</value>
    public LrScheduleOptions LrSchedule { get; init; } = new();

    /// <summary>How errors are measured and weighted.</summary>
    /// <value>Default: their squares, all alike.</value>
    public LossOptions Loss { get; init; } = new();

    /// <summary>Noise and timesteps.</summary>
    /// <value>Default: white noise, all timesteps.</value>
    public NoiseOptions Noise { get; init; } = new();

    /// <summary>Whether the model predicts velocities instead of noise.</summary>
    /// <value>Default false. True for Stable Diffusion 2 at 768 pixels and models made from it.</value>
    public bool VPrediction { get; init; }

    /// <summary>Largest L2 norm of all gradients together; longer gradients are shortened to it.</summary>
    /// <value>Default 1; 0 never shortens.</value>
    public double MaxGradNorm { get; init; } = 1;

    /// <summary>Whether U-Net and text encoder are each shortened to <see cref="MaxGradNorm"/> by themselves, so that large gradients of one do not slow the other.</summary>
    /// <value>Default false: one norm over all, as sd-scripts.</value>
    public bool GradNormPerPart { get; init; }

    /// <summary>Weight of regularisation pictures in the loss; other pictures weigh 1.</summary>
    /// <value>Default 1.</value>
    public double PriorLossWeight { get; init; } = 1;

    /// <summary>Batches whose gradients are averaged before the weights change once; the last step of an epoch may have fewer, each for the same share.</summary>
    /// <value>Default 1.</value>
    public int GradientAccumulationSteps { get; init; } = 1;

    /// <summary>What happens when a loss or its gradients are not finite numbers.</summary>
    /// <value>Default <see cref="NonFinitePolicy.Stop"/>.</value>
    public NonFinitePolicy NonFinite { get; init; }

    /// <summary>After how many epochs the LoRA, and the state to resume from, are saved on the way.</summary>
    /// <value>Null (the default): only at the end.</value>
    public int? SaveEveryEpochs { get; init; }

    /// <summary>How many times at least the run is saved on the way, counted in whole epochs; replaces <see cref="SaveEveryEpochs"/> where given.</summary>
    /// <value>Default null.</value>
    public int? SaveEpochRatio { get; init; }

    /// <summary>After how many steps the LoRA, and the state to resume from, are saved on the way.</summary>
    /// <value>Null (the default): not by steps.</value>
    public int? SaveEverySteps { get; init; }

    /// <summary>How many LoRAs saved after epochs are kept; older ones of the run are deleted.</summary>
    /// <value>Null (the default): all.</value>
    public int? SaveLastEpochs { get; init; }

    /// <summary>LoRAs saved after steps are deleted when they are more than this many steps old.</summary>
    /// <value>Steps, not files; null (the default) keeps all.</value>
    public int? SaveLastSteps { get; init; }

    /// <summary>As <see cref="SaveLastEpochs"/>, for the states kept by <see cref="SaveState"/>.</summary>
    /// <value>Null (the default): as many as LoRAs.</value>
    public int? SaveLastEpochStates { get; init; }

    /// <summary>As <see cref="SaveLastSteps"/>, for the states kept by <see cref="SaveState"/>.</summary>
    /// <value>Null (the default): as long as LoRAs.</value>
    public int? SaveLastStepStates { get; init; }

    /// <summary>Whether each LoRA saved on the way keeps a state of its own beside it, from which the run can be taken up there, and the finished one too.</summary>
    /// <value>Default false: there is one state, that of the last save, until the run is finished.</value>
    public bool SaveState { get; init; }

    /// <summary>Whether the state stays when the run is finished, so that it can be taken up with more steps.</summary>
    /// <value>Default false.</value>
    public bool SaveStateOnTrainEnd { get; init; }

    /// <summary>After how many epochs the loss is measured on the pictures kept for that (<see cref="Data.DatasetOptions.ValidationSplit"/>).</summary>
    /// <value>Null (the default): after each, and after the last step.</value>
    public int? ValidateEveryEpochs { get; init; }

    /// <summary>After how many steps the loss is measured on these pictures, besides.</summary>
    /// <value>Null (the default): not by steps.</value>
    public int? ValidateEverySteps { get; init; }

    /// <summary>How many batches of these pictures are measured.</summary>
    /// <value>Null (the default): all.</value>
    public int? MaxValidationSteps { get; init; }

    /// <summary>Pictures that the run makes on the way, in a folder "sample" beside the LoRA.</summary>
    /// <value>Default: none.</value>
    public SampleOptions Samples { get; init; } = new();

    /// <summary>A folder in which latents, and states of a text encoder that is not trained, are kept for later runs.</summary>
    /// <value>Null (the default): they are computed in each run. Entries are named by the contents of picture and model, so that none is ever used for another.</value>
    public string? CachePath { get; init; }

    /// <summary>A file to which the run writes what happens, a line of JSON each: its settings, steps, epochs, saved files, warnings.</summary>
    /// <value>Null (the default): none. A resumed run goes on at the file's end.</value>
    public string? LogPath { get; init; }

    /// <summary>A folder in which the run makes a file of events for TensorBoard.</summary>
    /// <value>Null (the default): none.</value>
    public string? TensorBoardPath { get; init; }

    /// <summary>Number format of the LoRA files.</summary>
    /// <value><see cref="SafetensorsDType.F32"/> (the default), <see cref="SafetensorsDType.F16"/> or <see cref="SafetensorsDType.BF16"/>.</value>
    public SafetensorsDType SaveDType { get; init; } = SafetensorsDType.F32;

    /// <summary>Which layer of the text encoder is used, counted from the end: 1 is the last, 2 the one before it.</summary>
    /// <value>Null (the default) is the last.</value>
    public int? ClipSkip { get; init; }

    /// <summary>Tokens of a caption that are used; longer captions are cut.</summary>
    /// <value>75 (the default), 150 or 225.</value>
    public int MaxTokenLength { get; init; } = 75;

    /// <summary>Whether (word), (word:1.3) and [word] in captions tell how much the words count.</summary>
    /// <value>Default false: brackets are text.</value>
    public bool WeightedCaptions { get; init; }

    /// <summary>A VAE that encodes the pictures in the place of the model's own: a .safetensors or .ckpt file, or a diffusers folder.</summary>
    /// <value>Null (the default): the model's.</value>
    public string? VaePath { get; init; }

    /// <summary>Whether files that exist may be replaced.</summary>
    /// <value>Default false.</value>
    public bool Overwrite { get; init; }

    /// <summary>State file of a stopped run to go on with.</summary>
    /// <value>Default null: a new run.</value>
    public string? ResumePath { get; init; }

    /// <summary>Vocabulary of the tokenizer, where it is not in the model's folder.</summary>
    /// <value>Default null.</value>
    public string? TokenizerPath { get; init; }

    /// <summary>Whether a missing vocabulary may be fetched from the Hugging Face Hub.</summary>
    /// <value>Default false.</value>
    public bool AllowDownload { get; init; }

    /// <summary>Free text kept in the file's metadata.</summary>
    /// <value>Default null.</value>
    public string? TrainingComment { get; init; }

    /// <summary>What the files say of the LoRA for people (<c>modelspec.*</c>), by names of <see cref="ModelSpecFields.Names"/>; a thumbnail is a picture's path.</summary>
    /// <value>Default: nothing but what the training knows.</value>
    public IReadOnlyDictionary<string, string> ModelDescription { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the files keep to themselves how they were trained: of the <c>ss_</c> values those alone are written that tell what the network is.</summary>
    /// <value>Default false.</value>
    public bool NoMetadata { get; init; }

    /// <summary>Whether batches are prepared on a thread of their own while those before them train; changes no number.</summary>
    /// <value>Default true.</value>
    public bool PreparesAhead { get; init; } = true;

    /// <summary>The clock that dates the file and times the steps.</summary>
    /// <value>Default: the system's.</value>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Learning rate in force for the U-Net's modules.</summary>
    internal double EffectiveUNetLearningRate => UNetLearningRate ?? LearningRate;

    /// <summary>Learning rate in force for the text encoder's modules.</summary>
    internal double EffectiveTextEncoderLearningRate => TextEncoderLearningRate ?? LearningRate;

    /// <summary>The learning rate to tell of a run: the U-Net's, or the text encoder's where only that is trained.</summary>
    internal double ShownLearningRate => Network.TrainUNet ? EffectiveUNetLearningRate : EffectiveTextEncoderLearningRate;

    /// <summary>The optimizer with its settings.</summary>
    /// <exception cref="ArgumentException">There is no such optimizer, or it does not accept a setting.</exception>
    internal OptimizerArguments EffectiveOptimizer => OptimizerArguments.Parse(Optimizer, OptimizerArgs);

    /// <summary>Checks every number against its range.</summary>
    /// <exception cref="ArgumentException">One is outside.</exception>
    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(DestinationPath);
        Network.Validate();
        LoraPlus.Validate();
        if (Network.Kind is NetworkKind.Loha or NetworkKind.Lokr && (LoraPlus.Of(isUNet: true) ?? LoraPlus.Of(isUNet: false)) is not null)
            throw new ArgumentException($"A {Network.Kind} network has no factor that leads to the output, which LoRA+ could train faster.", nameof(LoraPlus));
        if (Network.Kind == NetworkKind.Dora && MaxWeightNorm is not null)
            throw new ArgumentException("The change of a DoRA module cannot be limited: it is no product that could be scaled.", nameof(MaxWeightNorm));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxWeightNorm ?? 1, nameof(MaxWeightNorm));
        foreach (var field in ModelDescription.Keys)
            ModelSpecFields.NameOf(field);
        LrSchedule.Validate();
        Samples.Validate();
        Noise.Validate();
        Loss.Validate();
        Loss.ThrowIfUnfit(VPrediction, Noise);
        ThrowIfScheduleDoesNotFit();
        ArgumentOutOfRangeException.ThrowIfNegative(EffectiveUNetLearningRate, nameof(UNetLearningRate));
        ArgumentOutOfRangeException.ThrowIfNegative(EffectiveTextEncoderLearningRate, nameof(TextEncoderLearningRate));
        // What float32 has no number for ends in an error of libtorch that tells nothing.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Math.Max(EffectiveUNetLearningRate, EffectiveTextEncoderLearningRate), float.MaxValue, nameof(LearningRate));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxTrainEpochs ?? MaxTrainSteps, MaxTrainEpochs is null ? nameof(MaxTrainSteps) : nameof(MaxTrainEpochs));
        ArgumentOutOfRangeException.ThrowIfNegative(MaxGradNorm);
        ArgumentOutOfRangeException.ThrowIfNegative(PriorLossWeight);
        foreach (var (name, count) in Counts())
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count ?? 1, name);
        double[] rates = [.. Network.TrainUNet ? [EffectiveUNetLearningRate] : Array.Empty<double>(), .. Network.TrainTextEncoder ? [EffectiveTextEncoderLearningRate] : Array.Empty<double>()];
        if (rates.Length > 0 && rates.All(rate => rate == 0))
            throw new ArgumentException("Every part that is trained has a learning rate of 0, so nothing would be learned.", nameof(LearningRate));
        if (EffectiveOptimizer.Kind is { AdaptsRate: true, Name: var optimizer } && HasSeveralRates(rates))
            throw new ArgumentException($"{optimizer} finds one learning rate for all parts: the U-Net and the text encoder must have the same learning rate, or one of them 0, without LoRA+ and rates of blocks.", nameof(LearningRate));
        if (MaxTokenLength is not (TokenChunks.TokensPerRow or 2 * TokenChunks.TokensPerRow or 3 * TokenChunks.TokensPerRow))
            throw new ArgumentOutOfRangeException(nameof(MaxTokenLength), MaxTokenLength, "The number of tokens must be 75, 150 or 225.");
        if (SaveDType is not (SafetensorsDType.F32 or SafetensorsDType.F16 or SafetensorsDType.BF16))
            throw new ArgumentOutOfRangeException(nameof(SaveDType), SaveDType, "A LoRA is saved as F32, F16 or BF16.");
    }

    private void ThrowIfScheduleDoesNotFit()
    {
        var name = LrSchedules.Find(LrSchedule.Name).Name;
        if (name == "polynomial" && LearningRate <= LrSchedules.PolynomialEnd)
            throw new ArgumentException(FormattableString.Invariant($"The learning-rate schedule polynomial ends at {LrSchedules.PolynomialEnd}; the learning rate must be above that."), nameof(LearningRate));
        if (name != LrSchedules.Constant && EffectiveOptimizer is { FollowsSchedule: false } optimizer)
            throw new ArgumentException($"With relative_step=True, its default, {optimizer.Kind.Name} has a schedule of its own and does not follow {name}. Give it relative_step=False and a learning rate, or leave the schedule out.", nameof(LrSchedule));
    }

    private bool HasSeveralRates(double[] rates) =>
        rates.Where(rate => rate > 0).Distinct().Count() > 1
        || LoraPlus.Of(isUNet: true) is not null || LoraPlus.Of(isUNet: false) is not null || Network.BlockLearningRates is not null;

    /// <summary>What is counted from 1 where it is given.</summary>
    private (string Name, int? Count)[] Counts() =>
    [
        (nameof(GradientAccumulationSteps), GradientAccumulationSteps),
        (nameof(SaveEveryEpochs), SaveEveryEpochs),
        (nameof(SaveEpochRatio), SaveEpochRatio),
        (nameof(SaveEverySteps), SaveEverySteps),
        (nameof(SaveLastEpochs), SaveLastEpochs),
        (nameof(SaveLastSteps), SaveLastSteps),
        (nameof(SaveLastEpochStates), SaveLastEpochStates),
        (nameof(SaveLastStepStates), SaveLastStepStates),
        (nameof(ValidateEveryEpochs), ValidateEveryEpochs),
        (nameof(ValidateEverySteps), ValidateEverySteps),
        (nameof(MaxValidationSteps), MaxValidationSteps),
        (nameof(ClipSkip), ClipSkip),
    ];
}
