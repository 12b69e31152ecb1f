namespace LoraPS.Engine.Naming;

/// <summary>A part of a model that is weighted by itself when LoRAs are merged.</summary>
/// <remarks>The 26 blocks of sd-scripts networks/svd_merge_lora.py@48d368fa and of the block weight extensions of image UIs, in
/// their order, so that the number of a member is its place in a list of 26.</remarks>
public enum UNetBlock
{
    /// <summary>The text encoders.</summary>
    BASE,

    /// <summary>Input block 0.</summary>
    IN00,

    /// <summary>Input block 1.</summary>
    IN01,

    /// <summary>Input block 2.</summary>
    IN02,

    /// <summary>Input block 3.</summary>
    IN03,

    /// <summary>Input block 4.</summary>
    IN04,

    /// <summary>Input block 5.</summary>
    IN05,

    /// <summary>Input block 6.</summary>
    IN06,

    /// <summary>Input block 7.</summary>
    IN07,

    /// <summary>Input block 8.</summary>
    IN08,

    /// <summary>Input block 9.</summary>
    IN09,

    /// <summary>Input block 10.</summary>
    IN10,

    /// <summary>Input block 11.</summary>
    IN11,

    /// <summary>The middle block.</summary>
    MID,

    /// <summary>Output block 0.</summary>
    OUT00,

    /// <summary>Output block 1.</summary>
    OUT01,

    /// <summary>Output block 2.</summary>
    OUT02,

    /// <summary>Output block 3.</summary>
    OUT03,

    /// <summary>Output block 4.</summary>
    OUT04,

    /// <summary>Output block 5.</summary>
    OUT05,

    /// <summary>Output block 6.</summary>
    OUT06,

    /// <summary>Output block 7.</summary>
    OUT07,

    /// <summary>Output block 8.</summary>
    OUT08,

    /// <summary>Output block 9.</summary>
    OUT09,

    /// <summary>Output block 10.</summary>
    OUT10,

    /// <summary>Output block 11.</summary>
    OUT11,
}
