namespace LoraPS.Engine.Inspection;

/// <summary>What can be wrong with a LoRA file. Names are stable, for scripts.</summary>
public enum LoraProblemKind
{
    /// <summary>The file is not valid safetensors, nor a file of torch.save that holds tensors alone.</summary>
    Damaged,

    /// <summary>No tensor belongs to a LoRA module.</summary>
    NoModules,

    /// <summary>A module has down but no up.</summary>
    MissingUp,

    /// <summary>A module has up but no down.</summary>
    MissingDown,

    /// <summary>An alpha whose module has no factors.</summary>
    OrphanAlpha,

    /// <summary>A rank, or another side of a factor, is 0.</summary>
    ZeroRank,

    /// <summary>Up and down do not belong together.</summary>
    FactorShapes,

    /// <summary>An alpha that is not one number.</summary>
    AlphaShape,

    /// <summary>An alpha of 0: the module has no effect.</summary>
    ZeroAlpha,

    /// <summary>NaN or infinite numbers.</summary>
    NotFinite,

    /// <summary>A tensor of another kind: LyCORIS, DoRA, an embedding.</summary>
    UnknownTensor,

    /// <summary>Contents are not what <c>sshs_model_hash</c> or <c>sshs_legacy_hash</c> says.</summary>
    Hash,

    /// <summary>The metadata names another rank than the modules have.</summary>
    RankMetadata,

    /// <summary>The LoRA is for another kind of model.</summary>
    ModelFamily,

    /// <summary>The model has no such module.</summary>
    ModuleUnmatched,

    /// <summary>The module is for a weight of another shape.</summary>
    WeightShape,
}
