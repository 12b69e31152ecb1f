namespace LoraPS.Engine.Training;

/// <summary>How the error of an element is measured.</summary>
public enum LossKind
{
    /// <summary>Its square.</summary>
    L2,

    /// <summary>Its magnitude.</summary>
    L1,

    /// <summary>Its square near 0 and 2c times its magnitude far from it, in one smooth curve: 2c(√(d² + c²) − c).</summary>
    Huber,

    /// <summary>Twice its magnitude, rounded off near 0: 2(√(d² + c²) − c).</summary>
    SmoothL1,
}
