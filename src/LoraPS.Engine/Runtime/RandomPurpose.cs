namespace LoraPS.Engine.Runtime;

/// <summary>What a random number is for. Each purpose has a sequence of its own, so adding a draw in one place never
/// moves the numbers of another. Values are part of the reproducibility promise: append, never renumber.</summary>
public enum RandomPurpose
{
    /// <summary>Order of items and batches in an epoch.</summary>
    Order = 1,

    /// <summary>Caption shuffling, wildcards and dropout.</summary>
    Caption = 2,

    /// <summary>Horizontal flips.</summary>
    Flip = 3,

    /// <summary>Crop offsets.</summary>
    Crop = 4,

    /// <summary>The sample drawn from the VAE's posterior.</summary>
    LatentSample = 5,

    /// <summary>Diffusion noise.</summary>
    Noise = 6,

    /// <summary>Diffusion timesteps.</summary>
    Timestep = 7,

    /// <summary>LoRA dropouts.</summary>
    Dropout = 8,

    /// <summary>Initial LoRA weights.</summary>
    NetworkInit = 9,

    /// <summary>Weights of a model made from nothing.</summary>
    ModelInit = 10,

    /// <summary>Weights dropped by a merge method.</summary>
    MergeMask = 11,

    /// <summary>Gaussian vectors of a randomised decomposition.</summary>
    Sketch = 12,

    /// <summary>The ranks a DyLoRA module trains in a step.</summary>
    RankUnit = 13,

    /// <summary>Shifts of the noise's channels.</summary>
    NoiseOffset = 14,

    /// <summary>Strength of those shifts.</summary>
    NoiseOffsetStrength = 15,

    /// <summary>Sizes and numbers of pyramid noise.</summary>
    PyramidNoise = 16,

    /// <summary>Noise that is added to the U-Net's input.</summary>
    InputPerturbation = 17,

    /// <summary>Strength of that noise.</summary>
    InputPerturbationStrength = 18,

    /// <summary>Choice of the pictures that are kept for validation.</summary>
    ValidationSplit = 19,

    /// <summary>The noise a generated picture starts from.</summary>
    ImageNoise = 20,

    /// <summary>The noise an ancestral sampler adds in a step.</summary>
    SamplerNoise = 21,
}
